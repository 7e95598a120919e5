"""Where a thread is: its stack, as text, for whoever must find out why it hangs."""

import sys
import traceback


def stack_of(thread: int) -> str:
    """The stack of a thread, outermost call first; empty when it has ended."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001  # documented, for debuggers
    return "" if frame is None else "".join(traceback.format_stack(frame))
