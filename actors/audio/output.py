"""An output: one device that plays, in a process of its own.

In: blocks of one mix, when to open and to close, ticks, news of the process. Out: what has
become of the device, to the synth. It never waits for the device. A device that is not
there is looked for again and again; what was due meanwhile is not played later.

A crash forgets that it was open. Its next life says `closed`, and whoever wants to hear
something orders `OpenOutput` again.
"""

from collections import deque
from typing import Final, TypeAlias, assert_never

import msgspec

from actors.apart.child import ChildNews, Left, Said, Spawned
from actors.apart.keeper import Failed, Finished, Keeper, Outcome
from actors.audio.output_orders import (
    MOST_BLOCKS,
    Answer,
    Head,
    Order,
    State,
    Want,
    read_answer,
    write,
)
from actors.stage import Stage
from protocols.ports import Mailbox
from protocols.sound import (
    CloseOutput,
    OpenOutput,
    OutputChanged,
    OutputInput,
    OutputView,
    SoundBlock,
)
from protocols.time import Tick

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 2.0
"""Between two looks for a device that was there before."""

LONGEST_PAUSE_NEVER_SEEN_S: Final = 10.0
"""A wrong name stays wrong, but a device may be plugged in for the first time."""

TOLD_EVERY_S: Final = 1.0
BLOCK_S: Final = 0.1


ApartOutputInput: TypeAlias = OutputInput | ChildNews


class OutputActor(Stage):
    """Plays to one device.

    Args:
        level: 2 or 3.
        device: by name or number, or `default`; empty: there is none.
        lead_s: how long a sample waits from when it is due until it goes to the device.
        keeper: keeps the process that plays; its news come to this actor's mailbox. None
            where there is no device.
        synth: where the state goes.
    """

    def __init__(
        self,
        level: int,
        device: str,
        lead_s: float,
        keeper: Keeper | None,
        synth: Mailbox[OutputChanged],
    ) -> None:
        super().__init__()
        self._device = device
        self._lead_s = lead_s
        self._keeper = keeper if device else None
        self._synth = synth
        self._view = OutputView(
            level=level, device=device, state="closed" if self._keeper else "none"
        )
        self._told_at = 0.0
        self._wanted = False
        self._busy = False
        self._blocks: deque[SoundBlock] = deque(
            maxlen=min(round(lead_s / BLOCK_S) + 4, MOST_BLOCKS)
        )
        self._now = 0.0
        self._search = Search()
        self._count = Count()

    def setup(self) -> None:
        """Have the process started, so that the first sound need not wait for it."""
        if self._keeper is not None:
            self._keeper.start()
        self._tell()

    def handle(self, message: ApartOutputInput) -> None:
        """Pass blocks on, or hear what has become of them."""
        match message:
            case SoundBlock():
                if self._wanted:
                    self._blocks.append(message)
            case OpenOutput():
                self._open()
            case CloseOutput():
                self._wanted = False
            case Tick(now=now):
                self._now = now
                if self._keeper is not None:
                    self._hear(self._keeper.tick(message))
                self._remind()
            case Spawned() | Said() | Left():
                if self._keeper is not None:
                    self._hear(self._keeper.hear(message))
            case _:
                assert_never(message)
        self._go_on(polls=isinstance(message, Tick))

    def teardown(self) -> None:
        """End the process; what sounds is faded out."""
        if self._keeper is not None:
            self._keeper.close()

    def _open(self) -> None:
        if self._wanted or self._keeper is None:
            return
        self._wanted = True
        self._blocks.clear()
        self._search = Search(been_there=self._search.been_there)
        if self._view.state != "playing":
            self._show("opening")

    def _remind(self) -> None:
        if self._view.state == "playing" and self._now - self._told_at >= TOLD_EVERY_S:
            self._tell()

    def _go_on(self, *, polls: bool) -> None:
        """Give the process what there is to do."""
        keeper = self._keeper
        if keeper is None or self._busy:
            return
        if not keeper.ready:
            self._do_without()
        elif self._wanted:
            if polls or (self._blocks and self._view.state in ("opening", "playing")):
                self._give(keeper, "play")
        elif self._view.state != "closed":
            self._give(keeper, "drain")

    def _do_without(self) -> None:
        """There is no process that could play."""
        if not self._wanted:
            self._show("closed")
        elif self._view.state in ("playing", "opening") and self._search.been_there:
            self._search.at_once()
            self._show("lost", "its process ended; another one is started")

    def _give(self, keeper: Keeper, want: Want) -> None:
        blocks = list(self._blocks)
        self._blocks.clear()
        order = Order(
            want=want,
            device=self._device,
            lead_s=self._lead_s,
            look=want == "play" and self._now >= self._search.next_at,
            heads=tuple(Head(block.first_sample, block.at) for block in blocks),
        )
        keeper.give(want, write(order), [block.samples for block in blocks])
        self._busy = True

    def _hear(self, outcome: Outcome | None) -> None:
        match outcome:
            case Finished(content=content):
                self._busy = False
                self._take(read_answer(content))
            case Failed(error=error):
                self._busy = False
                self._search.at_once()
                self._show("lost" if self._wanted else "closed", str(error))
            case None:
                pass
            case _:
                assert_never(outcome)

    def _take(self, answer: Answer) -> None:
        underruns = self._count.add(answer)
        match answer.state:
            case "opening" | "playing":
                self._search = Search(been_there=True)
                self._show(answer.state, answer.reason, underruns)
            case "lost" | "failed":
                self._search.in_vain(self._now)
                lost = self._search.been_there and not answer.hopeless
                state: State = "lost" if lost else "failed"
                self._show(state if self._wanted else "closed", answer.reason, underruns)
            case "closed":
                if not self._wanted:
                    self._show("closed", "", underruns)
                elif self._view.state not in ("lost", "failed"):
                    self._show("opening", "", underruns)
            case _:
                assert_never(answer.state)

    def _show(self, state: State, reason: str = "", underruns: int | None = None) -> None:
        view = msgspec.structs.replace(
            self._view,
            state=state,
            reason=reason,
            underruns=self._view.underruns if underruns is None else underruns,
        )
        if view != self._view:
            self._view = view
            self._tell()

    def _tell(self) -> None:
        self._told_at = self._now
        self._synth.tell(OutputChanged(self._view))


class Search:
    """When a device is to be looked for again.

    Args:
        been_there: whether it was open before.
    """

    def __init__(self, *, been_there: bool = False) -> None:
        self.been_there = been_there
        self.next_at = 0.0
        """Clock time, seconds."""

        self._pause_s = FIRST_PAUSE_S

    def in_vain(self, now: float) -> None:
        """It was not there: wait a little longer than the last time."""
        longest = LONGEST_PAUSE_S if self.been_there else LONGEST_PAUSE_NEVER_SEEN_S
        self.next_at = now + self._pause_s
        self._pause_s = min(2.0 * self._pause_s, longest)

    def at_once(self) -> None:
        """Look with the next job."""
        self.next_at = 0.0


class Count:
    """Adds what each process counts for itself."""

    def __init__(self) -> None:
        self._pid = 0
        self._before = 0
        self._last = 0

    def add(self, answer: Answer) -> int:
        """Underruns of all processes so far."""
        if answer.pid != self._pid:
            self._before += self._last
            self._pid = answer.pid
        self._last = answer.underruns
        return self._before + self._last
