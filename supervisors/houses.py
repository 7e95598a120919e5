"""Houses: the subtree of actors that each session has of its own.

    house <id>      one_for_one, 5 restarts in 10 s
    ├─ semantics    what is to be painted
    ├─ encoder      what is measured
    ├─ filters      what is clean
    └─ reader       what comes in (or the simulated sitter in its place)

Downstream first: nobody speaks before there is a listener. Each is raised alone, for an
address outlives its tenant and what was lost arrives as a gap. A house that spends its
budget is not built again: its session has failed, visibly, and the others go on.

What is ordered of a role that is just being raised waits for it: a command to the sitter
of a session that was made a moment ago, the opening of a stream, a house to be built. When
the supervisor of all houses falls, its next life builds them anew.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock
from typing import Any

from actors.device.ingest import IngestSource, Signal
from actors.encoder.actor import EncoderActor
from actors.filters.actor import FilterActor
from actors.inbox import Address
from actors.lease import Lease
from actors.metronome import Roster
from actors.semantics.actor import SemanticActor, SemanticSettings
from actors.stage import Stage
from protocols.eeg import CleanChunk, FilterInput, Gap, Phase, RawChunk, SourceState
from protocols.features import Features
from protocols.generation import ForgetSession, PoolInput
from protocols.meaning import Meaning, SemanticInput
from protocols.ports import Askable, Mailbox, Reply
from protocols.sessions import PushSamples, SessionSettings
from protocols.simulation import BrainCommand, Pause
from protocols.sound import SittingMeant
from protocols.streams import BroadcasterInput, CloseStream, OpenStream, Seen
from supervisors.orders import AddChild, RemoveChild, SupervisorInput
from supervisors.restart import Intensity, Restart
from supervisors.spec import ChildSpec, Flags
from supervisors.supervisor import Supervisor
from supervisors.world import World

CHUNKS_THAT_MAY_WAIT = 8
CHUNK_AGE_S = 0.25
NEVER_BLOCK = ("simulator", "ingest")
"""Devices without a driver or a file: their readers need no thread of their own."""

COMMAND_TIMEOUT_S = 4.0
"""Long enough for a session's first second on a busy machine."""


@dataclass(frozen=True)
class Viewer:
    """Fills a stage's mailbox for viewers: says whose it is and passes it on.

    What nobody looks at goes no further: 100 sessions would else send the broadcaster
    3,000 messages a second for nothing.
    """

    session: str
    near: "Neighbours"

    def tell(self, what: CleanChunk | Features | Meaning | SourceState, /) -> None:
        """Let it be seen, if anybody looks; a state always."""
        near, session = self.near, self.session
        if isinstance(what, SourceState) or near.signals_watched(session):
            near.broadcaster.tell(Seen(session, what))
        if isinstance(what, Meaning):
            if near.is_followed(session):
                near.synth.tell(SittingMeant(session=session, meaning=what))
        elif isinstance(what, SourceState) and what.phase is not Phase.STREAMING:
            # Told though nobody may listen: who listens next must not hear what was.
            near.synth.tell(SittingMeant(session=session, meaning=None))

    def is_watched(self) -> bool:
        """Whether anybody looks."""
        return self.near.signals_watched(self.session)

    def is_followed(self) -> bool:
        """Whether anybody looks, or listens."""
        return self.is_watched() or self.near.is_followed(self.session)


ReaderMaker = Callable[
    [SessionSettings, IngestSource, Mailbox[FilterInput], Callable[[], Lease]], Stage
]
"""Makes the reader of a session, or the simulator in its place; given what is pushed, and
how to take the lease of the session's device."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Who a house deals with."""

    pool: Mailbox[PoolInput]
    broadcaster: Mailbox[BroadcasterInput]
    """Also gets what viewers may see."""

    streams: Mailbox[BroadcasterInput]
    """The broadcaster too, for orders: they wait for it while it is raised."""

    forgetting: Mailbox[PoolInput]
    """The pool too, likewise."""

    signals_watched: Callable[[str], bool]
    """Whether anybody watches a session's signals now. Any thread."""

    synth: Mailbox[SittingMeant]
    is_followed: Callable[[str], bool]
    """Whether a session's meanings lead a sound that somebody hears. Any thread."""

    roster: Roster
    supervisor: Askable[SupervisorInput]
    """Patient likewise: of the dynamic supervisor that raises the houses."""

    make_reader: ReaderMaker
    deadline_s: float
    """Age at which a wish for a live picture is thrown away."""


@dataclass
class _Reader:
    """What outlives the lives of a session's reader."""

    address: Address
    pushed: IngestSource
    """What a client pushes meanwhile waits here."""

    paused: bool = False
    """Each life is told."""

    def ordered(self, make: Callable[[], Stage]) -> Stage:
        """Make a life, which is paused if the last one was."""
        if self.paused:
            self.address.orders.tell(Pause(paused=True))
        return make()


@dataclass(frozen=True)
class _House:
    spec: ChildSpec
    reader: _Reader
    addresses: tuple[Address, ...]


class SessionHouses:
    """Fills `protocols.houses.Houses`: no call waits."""

    def __init__(self, world: World, path: str, neighbours: Neighbours) -> None:
        self._world = world
        self._path = path
        self._near = neighbours
        self._houses: dict[str, _House] = {}
        # The manager opens and closes while a new supervisor asks what is to be built.
        self._lock = Lock()

    def open(self, session: str, settings: SessionSettings) -> None:
        """Start a session's actors; a failure comes as a `ChildEnded` of its house."""
        near, path = self._near, f"{self._path}/{session}"
        house = self._plan(session, settings)
        near.streams.tell(OpenStream(session=session))
        with self._lock:
            self._houses[session] = house
            near.supervisor.tell(AddChild(house.spec))
        tick = house.reader.address.latest(f"metronome>{session}", lambda _: "tick")
        near.roster.join(path, tick)

    def close(self, session: str, reason: str) -> None:
        """Stop a session's actors and end its streams."""
        near = self._near
        with self._lock:
            house = self._houses.pop(session, None)
            if house is None:
                return
            gone = near.supervisor.ask(RemoveChild(session), timeout_s=math.inf)
        near.roster.leave(f"{self._path}/{session}")
        house.reader.address.orders.abandon()
        near.streams.tell(CloseStream(session=session, reason=reason))
        # Its semantics may wish for a picture until it has ended: what is forgotten before
        # would be kept again, for ever.
        gone.when_done(lambda: near.forgetting.tell(ForgetSession(session)))

    def rebuild(self) -> list[ChildSpec]:
        """Have all houses built by a new life of their supervisor.

        Each is added for itself and not a child from the start: one that does not come up
        must not take the others along.

        Returns:
            Nobody: with whom the supervisor starts.
        """
        with self._lock:
            for house in self._houses.values():
                self._near.supervisor.tell(AddChild(house.spec))
        return []

    def pause(self, session: str, *, paused: bool) -> None:
        """Let the reader hand nothing on, or go on."""
        house = self._houses.get(session)
        if house is not None:
            house.reader.paused = paused
            house.reader.address.orders.tell(Pause(paused))

    def command(self, session: str, command: BrainCommand) -> Reply:
        """Pass a command to the simulated sitter.

        Raises:
            KeyError: the session has no house (it has ended).
        """
        orders = self._houses[session].reader.address.orders
        return orders.ask(command, timeout_s=COMMAND_TIMEOUT_S)

    def push(self, push: PushSamples) -> str | None:
        """Hand pushed samples to the session's reader."""
        house = self._houses.get(push.session)
        if house is None:
            return "the session has ended"
        pushed = house.reader.pushed
        try:
            pushed.announce(
                Signal(sfreq=push.sfreq, ch_names=push.ch_names, mains_hz=push.mains_hz)
            )
            pushed.push(push.uv, self._world.clock.now())
        except ValueError as error:
            return str(error)
        return None

    def session_of(self, path: str) -> str | None:
        """The session whose whole house `path` is."""
        place = PurePosixPath(path)
        return place.name if str(place.parent) == self._path else None

    def addresses(self) -> list[Address]:
        """Of all houses' supervisors and rooms, for the books."""
        return [a for house in list(self._houses.values()) for a in house.addresses]

    def _plan(self, session: str, settings: SessionSettings) -> _House:
        path = f"{self._path}/{session}"
        address = self._world.address(path)
        rooms = {
            name: self._world.address(f"{path}/{name}")
            for name in ("semantics", "encoder", "filters", "reader")
        }
        reader = _Reader(rooms["reader"], IngestSource())
        specs = self._rooms(session, settings, rooms, reader)
        spec = ChildSpec(
            id=session,
            make=lambda: Supervisor(
                self._world,
                path,
                address,
                lambda: specs,
                Flags(intensity=Intensity(max_restarts=5, within_s=10.0)),
            ),
            address=address,
            dispatcher=self._world.supervision,
            restart=Restart.TEMPORARY,
            stop_within_s=5.0,
            is_supervisor=True,
        )
        return _House(spec, reader, (address, *rooms.values()))

    def _rooms(
        self,
        session: str,
        settings: SessionSettings,
        rooms: dict[str, Address],
        reader: _Reader,
    ) -> Sequence[ChildSpec]:
        clock, near = self._world.clock, self._near
        viewer = Viewer(session, near)
        to_filters: Mailbox[FilterInput] = rooms["filters"].fifo(
            f"{session}:reader>filters",
            depth=CHUNKS_THAT_MAY_WAIT,
            age_s=CHUNK_AGE_S,
            fold=lost_samples,
        )
        to_encoder = rooms["encoder"].fifo(
            f"{session}:filters>encoder",
            depth=CHUNKS_THAT_MAY_WAIT,
            age_s=CHUNK_AGE_S,
            fold=lost_samples,
        )
        to_semantics: Mailbox[SemanticInput] = rooms["semantics"].latest(
            f"{session}:encoder>semantics",
            lambda m: "features" if isinstance(m, Features) else None,
        )
        wish = SemanticSettings(
            width=settings.width,
            height=settings.height,
            seed=settings.seed,
            pictures_hz=settings.pictures_hz,
            deadline_s=near.deadline_s,
        )

        def take_lease() -> Lease:
            holder = rooms["reader"].name
            return self._world.leases.take(f"device of {session}", holder)

        makers: dict[str, Callable[[], Stage]] = {
            "semantics": lambda: SemanticActor(
                clock=clock,
                session=session,
                settings=wish,
                generators=near.pool,
                viewer=viewer,
                is_watched=viewer.is_followed,
            ),
            "encoder": lambda: EncoderActor(
                clock=clock,
                window_s=settings.window_s,
                step_s=settings.step_s,
                downstream=to_semantics,
                viewer=viewer,
                is_watched=viewer.is_watched,
            ),
            "filters": lambda: FilterActor(
                clock=clock,
                mains_hz=settings.mains_hz,
                downstream=to_encoder,
                viewer=viewer,
            ),
            "reader": lambda: reader.ordered(
                lambda: near.make_reader(settings, reader.pushed, to_filters, take_lease)
            ),
        }
        blocks = settings.device_type not in NEVER_BLOCK
        pinned, shared = self._world.pinned, self._world.shared
        return [
            ChildSpec(
                id=name,
                make=make,
                address=rooms[name],
                dispatcher=pinned if blocks and name == "reader" else shared,
            )
            for name, make in makers.items()
        ]


def lost_samples(gap: Gap | None, message: Any) -> Gap | None:  # noqa: ANN401  # any input of a stage
    """Add a lost chunk, or a lost gap, to the gap that tells of both.

    Returns:
        None for what must not be lost: a change of state, a command.
    """
    before = 0 if gap is None else gap.samples
    match message:
        case RawChunk(uv=uv) | CleanChunk(uv=uv):
            return Gap(samples=before + uv.shape[1], reason="overrun")
        case Gap(samples=samples, reason=reason):
            return Gap(samples=before + samples, reason=reason)
        case _:
            return None
