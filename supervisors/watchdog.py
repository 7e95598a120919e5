"""The watchdog: looks at everybody four times a second, and tells of who hangs.

In: the timer's calls. Out: a `Hung` to the supervisor of whoever has had one message in
hand for longer than its `hang_after_s`, with the stack of its thread. Its thread on a
shared dispatcher is replaced at once, so that the others go on; if that is the supervisors'
own, they can hear of it only then.

An actor in `setup`, or on its way to its end, has its supervisor's time limits; those are
not the watchdog's. When the watchdog itself comes late, the whole process stood still: that
is noted, and nobody is blamed for the time.

It also lets whoever guards the process from outside know that all is well, but only as long
as the root answers; and it writes down the dead letters that came since the last look.

A crash forgets what was seen: whoever hangs then is found later by the time until the next
life's first look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

import msgspec

from actors.stage import Stage
from protocols.ports import Mailbox, Reply, Timer
from protocols.supervision import ChildHung, ChildState, LettersLost, ProcessStalled
from supervisors.orders import CountChildren, Hung
from supervisors.roll import Post
from supervisors.sightings import Sighting
from supervisors.stacks import stack_of
from supervisors.world import World

SCAN_S: Final = 0.25
EARLY_S: Final = 0.05
"""By so much a look may miss an actor's limit: looks come a moment early or late, and the
next one would find it a quarter of a second after."""

STALL_S: Final = 0.5
"""Seconds that a look may come late before that is called a stall."""


class Look(msgspec.Struct, frozen=True):
    """The timer: look at everybody."""

    due_at: float
    """Clock time, seconds."""


@dataclass
class Stalls:
    """How often the process stood still, and how long at most. Outlives the watchdog."""

    count: int = 0
    longest_s: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.count += 1
        self.longest_s = max(self.longest_s, seconds)


class Watchdog(Stage):
    """Finds hung actors and process-wide stalls.

    Args:
        world: whose roll it looks at.
        looks: its own mailbox, for the timer; the newest look replaces one that waits.
        ask_root: asks the root whether it works.
        beat: called at each look while the root answers; must be quick.
        stalls: where stalls are counted.
    """

    def __init__(
        self,
        world: World,
        looks: Mailbox[Look],
        ask_root: Callable[[CountChildren], Reply],
        beat: Callable[[], object],
        stalls: Stalls,
    ) -> None:
        super().__init__()
        self._world = world
        self._looks = looks
        self._ask_root = ask_root
        self._beat = beat
        self._stalls = stalls
        self._asked: Reply | None = None
        self._looked_at: float | None = None
        self._timer: Timer | None = None

    def setup(self) -> None:
        """Have the timer call."""
        looks = self._looks
        self._timer = self._world.timers.every(
            SCAN_S, lambda due_at, _number: looks.tell(Look(due_at))
        )

    def handle(self, message: Look) -> None:
        """Look at everybody."""
        match message:
            case Look(due_at=due_at):
                self._look(due_at)
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Let the timer call no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, due_at: float) -> None:
        now = self._world.clock.now()
        self._mind_stall(now, due_at)
        self._looked_at = now
        posts = self._world.roll.posts()
        for post in posts:
            seen = self._world.sightings.look(post, now)
            limit_s = post.spec.hang_after_s
            if seen.holding is None or limit_s is None or seen.reported:
                continue
            if now - seen.holding_since >= limit_s - EARLY_S:
                self._tell(post, seen, now)
        self._world.sightings.keep({post.path for post in posts})
        for (edge, reason, kind), count in self._world.office.collect().items():
            lost = LettersLost(edge=edge, reason=reason, message=kind, count=count)
            self._world.chronicle.tell(lost)
        self._mind_root()

    def _mind_stall(self, now: float, due_at: float) -> None:
        # By both: the timer, which may have stood still with us, and the last look.
        late_s = now - due_at
        if self._looked_at is not None:
            late_s = max(late_s, now - self._looked_at - SCAN_S)
        if late_s >= STALL_S:
            self._stalls.add(late_s)
            self._world.sightings.forgive(late_s)
            self._world.chronicle.tell(ProcessStalled(seconds=late_s))

    def _mind_root(self) -> None:
        if self._asked is None or self._asked.is_done():
            self._asked = self._ask_root(CountChildren())
            self._beat()

    def _tell(self, post: Post, seen: Sighting, now: float) -> None:
        activity = post.stage.activity()
        row = self._world.view.row(post.path)
        if activity is None or activity.holding is not seen.holding or row is None:
            return  # it has just come back
        if row.life != post.life or row.state is not ChildState.RUNNING:
            return
        seen.reported = True
        for_s = now - seen.holding_since
        stack = stack_of(activity.thread)
        cause = self._world.chronicle.note(
            ChildHung(
                path=post.path,
                life=post.life,
                during=activity.during,
                for_s=for_s,
                stack=stack,
            )
        )
        post.spec.dispatcher.replace(activity.thread)
        post.supervisor.reports.tell(
            Hung(
                child=post.spec.id,
                life=post.life,
                cause=cause,
                reason=f"hung in {activity.during} for {for_s:.1f} s",
                stack=stack,
            )
        )
