"""What no actor takes."""

import threading


class Stuck:
    """Who is told it hangs until it is let go, and falls then.

    Every `handle` ends with `assert_never`, which asks for the text of what it was given.
    """

    def __init__(self) -> None:
        self.hangs = threading.Event()
        """Set: somebody does."""

        self.gate = threading.Event()
        """Set it to let go."""

    def __repr__(self) -> str:
        self.hangs.set()
        self.gate.wait()
        return "stuck"
