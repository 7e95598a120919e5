"""Turns: which life of the front has the door.

A front that hangs is replaced while its Trio run still runs. Each life gets ends of its
own: the newest gets the frames, and only it is heard about who watches. What an earlier one
still says on its way out would else silence the streams of those who came back.
"""

from threading import Lock
from typing import final

from protocols.ports import Askable, Mailbox, Reply
from protocols.sound import SoundDemand, SynthInput
from protocols.streams import Demand, StreamFrame, StreamKind
from web.hub import Hub


@final
class TurnDemands:
    """Fills `Mailbox[Demand]` for one life of the front. Any thread."""

    def __init__(self, broadcaster: Mailbox[Demand]) -> None:
        self._broadcaster = broadcaster
        self._watched: dict[tuple[str, StreamKind], int] = {}
        self._over = False
        self._lock = Lock()

    def tell(self, demand: Demand, /) -> None:
        """Pass it on, unless another life has the door."""
        with self._lock:
            if not self._over:
                self._watched[demand.session, demand.kind] = demand.watchers
                self._broadcaster.tell(demand)

    def end(self) -> None:
        """Another life has the door: nobody watches by this one."""
        with self._lock:
            self._over = True
            for (session, kind), watchers in self._watched.items():
                if watchers:
                    none = Demand(session=session, kind=kind, watchers=0)
                    self._broadcaster.tell(none)


@final
class TurnSound:
    """Fills `Askable[SynthInput]` for one life of the front. Any thread."""

    def __init__(self, synth: Askable[SynthInput]) -> None:
        self._synth = synth
        self._heard: set[str] = set()
        self._over = False
        self._lock = Lock()

    def tell(self, message: SynthInput, /) -> None:
        """Pass it on; who listens only while no other life has the door."""
        if not isinstance(message, SoundDemand):
            self._synth.tell(message)
            return
        with self._lock:
            if self._over:
                return
            if message.listeners:
                self._heard.add(message.voice)
            else:
                self._heard.discard(message.voice)
            self._synth.tell(message)

    def ask(self, message: SynthInput, /, *, timeout_s: float) -> Reply:
        """Ask the synth."""
        return self._synth.ask(message, timeout_s=timeout_s)

    def end(self) -> None:
        """Another life has the door: nobody listens by this one."""
        with self._lock:
            self._over = True
            for voice in sorted(self._heard):
                self._synth.tell(SoundDemand(voice=voice, listeners=0))


@final
class Turns:
    """Fills `Mailbox[StreamFrame]` for the tree. Any thread.

    Args:
        broadcaster: hears who watches.
        synth: hears who listens.
    """

    def __init__(self, broadcaster: Mailbox[Demand], synth: Askable[SynthInput]) -> None:
        self._broadcaster = broadcaster
        self._synth = synth
        self._hub = Hub()
        self._demands = TurnDemands(broadcaster)
        self._sound = TurnSound(synth)

    def tell(self, frame: StreamFrame, /) -> None:
        """Hand a frame to whoever has the door."""
        self._hub.tell(frame)

    def begin(self) -> tuple[Hub, TurnDemands, TurnSound]:
        """Another life of the front has the door; gives its ends."""
        self._demands.end()
        self._sound.end()
        self._demands = TurnDemands(self._broadcaster)
        self._sound = TurnSound(self._synth)
        self._hub = Hub()
        return self._hub, self._demands, self._sound
