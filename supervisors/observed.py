"""The observer: looks at a simulated run every virtual second, and at its end.

It holds the invariants that the journal alone does not decide (`supervisors.invariants` has
the list), and collects what the report tells second by second.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, final

import msgspec

from actors.edges import EdgeCount
from actors.inbox import Address
from actors.journal.fold import Recall, timeless
from protocols.supervision import ChildState, Entry, FaultInjected, RestartSpent
from sim.devices import Shelf
from sim.report import DropRow, EdgeRow, FaultRow, Second, Violation
from sim.runtime.clock import EPOCH
from sim.runtime.scheduler import Job
from sim.viewing import Seen
from supervisors.invariants import JournalRules
from supervisors.simulated import SimulatedWorld

OVERLOOKED_S: Final = 1.0
"""Seconds for which somebody may be up by the books and dead in truth: his last word waits
until his supervisor has its turn."""

HOMELESS_S: Final = 5.0
"""Seconds for which a session may be without a house, or a house without a session, while
their supervisor has nothing else to do."""

BLIND_S: Final = 5.0
"""Seconds for which a session may be without pictures where nothing goes wrong."""

CALM_S: Final = 25.0
"""Seconds after a fault: longest hang, its discovery, new lives, a window of samples."""

HOUSES: Final = "root/sessions/houses"
DYNAMIC: Final = frozenset({HOUSES})
_SESSION: Final = re.compile(r"sess_\d+")


@final
class Observer:
    """Of one run.

    Args:
        sim: the world.
        shelf: the headsets.
        seen: what viewers saw.
    """

    def __init__(self, sim: SimulatedWorld, shelf: Shelf, seen: Seen) -> None:
        self.violations: list[Violation] = []
        self.timeline: list[Second] = []
        self.faults: list[FaultRow] = []
        self.restarts: Counter[str] = Counter()
        self._sim = sim
        self._world = sim.world
        self._shelf = shelf
        self._seen = seen
        self._rules = JournalRules(EPOCH, DYNAMIC)
        self._recall = Recall()
        self._settled: set[int] = set()  # addresses, by place, that nobody fills for long
        self._doubles = 0
        self._dead_since: dict[tuple[str, int], float] = {}
        self._homeless_s: dict[str, float] = {}
        self._houses_seen_at = 0.0
        self._before = (0, 0)  # frames and letters up to the last second
        self._births = 0
        sim.scheduler.watchers.append(self._begins)

    def second(self) -> None:
        """A virtual second has passed."""
        entries = self.catch_up()
        queued = self._sweep()
        self._look_at_devices()
        self._look_for_dead()
        self._look_for_houses()
        frames, letters = self._seen.frames, self._sim.fence.letters
        self.timeline.append(
            Second(
                at_s=self._now,
                frames=frames - self._before[0],
                restarts=sum(isinstance(e.event, RestartSpent) for e in entries),
                queued=queued,
                sessions=sum(v.ended_at is None for v in self._seen.sessions.values()),
                messages=letters - self._before[1],
            )
        )
        self._before = frames, letters
        self._sim.fence.open_asks()  # so that the list stays short

    def catch_up(self) -> list[Entry]:
        """Look at all that was noted since the last time."""
        entries = self._sim.transcript.pull()
        self._rules.take(entries)
        for entry in entries:
            self._recall.take(entry)
            self._collect(entry)
        self._look_at_tree()
        return entries

    def root_ends(self) -> None:
        """The root is about to be told to stop."""
        self.catch_up()
        self._rules.root_ends()

    def all_violations(self) -> tuple[Violation, ...]:
        """In the order of their time."""
        found = [*self.violations, *self._rules.violations]
        return tuple(sorted(found, key=lambda violation: violation.at_s))

    def tell(self, invariant: str, detail: str) -> None:
        """Something that must hold does not."""
        known = any(v.detail == detail for v in self.violations)
        if not known:  # it was told the second before
            self.violations.append(
                Violation(invariant=invariant, at_s=self._now, detail=detail)
            )

    def look_for_pictures(self) -> None:
        """All has been quiet for a while: every session has pictures again.

        A fault waits for its victim's next message, and may come late; and who is stopped
        or paused by an operator stays so.
        """
        last_s = max((fault.at_s for fault in self.faults), default=0.0)
        rows = self._world.view.rows()
        if self._now - last_s < CALM_S or any(row.held or row.paused for row in rows):
            return
        for viewing in self._seen.sessions.values():
            young = self._now - viewing.created_at < BLIND_S
            blind_s = self._now - viewing.last_at
            if viewing.status == "active" and not young and blind_s > BLIND_S:
                detail = f"{viewing.session}: none for {blind_s:.1f} s"
                self.tell("pictures_come_back", detail)

    # -- at the end ---------------------------------------------------------------------

    def taken(self) -> int:
        """Messages that were taken, ever, by anybody."""
        return sum(book.taken for book in self._books())

    def births(self) -> int:
        """Lives that ever began."""
        return self._births

    def end(self) -> None:
        """All is over: the last look."""
        self.catch_up()
        self._settled.clear()
        self._sweep()
        for asked in self._sim.fence.open_asks():
            self.tell(
                "asks_resolve",
                f"{asked.message} to {asked.edge}, asked at {asked.at:.3f} s",
            )

    def drops(self) -> tuple[DropRow, ...]:
        """By edge and reason, most first."""
        found: Counter[tuple[str, str]] = Counter()
        for book in self._books():
            for reason, count in book.dropped.items():
                found[general(book.edge), reason] += count
        rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            DropRow(edge=edge, reason=reason, count=count) for (edge, reason), count in rows
        )

    def edges(self) -> tuple[EdgeRow, ...]:
        """All edges, by name."""
        found: dict[str, EdgeRow] = {}
        for book in self._books():
            name, dropped = general(book.edge), sum(book.dropped.values())
            row = EdgeRow(
                edge=name,
                came=book.came,
                taken=book.taken,
                dropped=dropped,
                queued=book.queued,
            )
            found[name] = _sum(found[name], row) if name in found else row
        return tuple(found[name] for name in sorted(found))

    # -- looks --------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._sim.scheduler.clock.at

    def _books(self) -> Iterable[EdgeCount]:
        return (book for a in self._world.addresses for book in a.counts())

    def _sweep(self) -> int:
        """Audit all addresses that have changed hands lately; how many letters wait."""
        queued = 0
        for place, address in enumerate(self._world.addresses):
            tenant = address.tenant
            if tenant is None:
                if place in self._settled:
                    continue
                self._settled.add(place)
            else:
                self._settled.discard(place)
                queued += len(tenant.line)
            self._audit(address)
        return queued

    def _audit(self, address: Address) -> None:
        for wrong in address.audit():
            edge = wrong.rpartition(": ")[0]
            if not self._sim.fence.is_passing(edge):
                self.tell("edges_conserve", wrong)

    def _look_at_tree(self) -> None:
        recalled = timeless(self._recall.rows())
        live = timeless(self._world.view.rows())
        if recalled == live:
            return
        known = {row.path: row for row in recalled}
        there = {row.path: row for row in live}
        for path in sorted(known.keys() | there.keys()):
            if known.get(path) != there.get(path):
                told, is_so = known.get(path), there.get(path)
                self.tell("journal_is_the_tree", f"{path}: {told} told, {is_so} there")

    def _look_at_devices(self) -> None:
        for serial in self._shelf.twice[self._doubles :]:
            self.tell("one_holder", f"headset {serial} was opened while it was open")
        self._doubles = len(self._shelf.twice)

    def _look_for_dead(self) -> None:
        """Who is up by the books, and has ended."""
        now, dead = self._now, dict[tuple[str, int], float]()
        for row in self._world.view.rows():
            job = self._sim.scheduler.jobs.get(row.path)
            stage = None if job is None else job.stage
            ended = stage is not None and stage.has_ended()
            if ended and row.state is ChildState.RUNNING and self._is_free(row.path):
                life = row.path, row.life
                since = dead[life] = self._dead_since.get(life, now)
                if now - since >= OVERLOOKED_S:
                    self.tell("up_means_alive", f"{row.path} (life {row.life}) has ended")
        self._dead_since = dead

    def _look_for_houses(self) -> None:
        """Whether each session has a house, and each house a session that lives."""
        rows, now = self._world.view.children(HOUSES), self._now
        passed_s, self._houses_seen_at = now - self._houses_seen_at, now
        # One order at a time: who takes seconds to end keeps all houses from being built.
        busy = any(row.state in (ChildState.STARTING, ChildState.STOPPING) for row in rows)
        houses = self._world.view.row(HOUSES)
        works = houses is not None and houses.state is ChildState.RUNNING and not busy
        known = now - self._seen.learned_at < 1.0
        there = {row.path.rpartition("/")[2] for row in rows}
        lives = {s for s, seen in self._seen.sessions.items() if seen.ended_at is None}
        counts = works and known and self._is_free(f"{HOUSES}/any")
        before = self._homeless_s
        self._homeless_s = {
            session: before.get(session, 0.0) + (passed_s if counts else 0.0)
            for session in there ^ lives
        }
        for session, lasted_s in self._homeless_s.items():
            if lasted_s >= HOMELESS_S:
                self.tell("session_and_house", f"{session}: one of them is not there")

    def _is_free(self, path: str) -> bool:
        """Whether a child's supervisor could have heard of its end."""
        above = self._sim.scheduler.jobs.get(path.rpartition("/")[0])
        hangs = above is None or above.stage is None or above.stage.activity() is not None
        return not (hangs or self._sim.supervision.stuck)

    def _begins(self, job: Job, before: Job | None) -> None:
        self._births += 1
        if before is None or before.inbox is None or before.stage is None:
            return
        is_out = self._sim.fence.is_shut_out(before.inbox)
        if not (before.stage.has_ended() or is_out):
            self.tell("one_life", f"{job.path}: a life begins while another lives")

    def _collect(self, entry: Entry) -> None:
        match entry.event:
            case FaultInjected(fault=kind, where=where, detail=detail):
                self.faults.append(
                    FaultRow(
                        at_s=entry.at - EPOCH,
                        kind=kind,
                        where=where,
                        detail=detail,
                        entry=entry.number,
                    )
                )
            case RestartSpent(path=path, child=child):
                self.restarts[general(f"{path}/{child}")] += 1
            case _:
                pass


def general(name: str) -> str:
    """A path's or edge's name, the same for all sessions."""
    return _SESSION.sub("*", name)


def _sum(one: EdgeRow, other: EdgeRow) -> EdgeRow:
    return msgspec.structs.replace(
        one,
        came=one.came + other.came,
        taken=one.taken + other.taken,
        dropped=one.dropped + other.dropped,
        queued=one.queued + other.queued,
    )
