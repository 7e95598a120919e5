"""A whole server in this process, whose parts can be poisoned."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from actors.inbox import Address
from config.schema import (
    GeneratorSettings,
    PictureSettings,
    Settings,
    StorageSettings,
    WebSettings,
)
from protocols.keys import CreateKey
from protocols.supervision import Born, ChildStarted, Died, LifeEvent
from supervisors.lifeline import Lifeline
from supervisors.live import live_world
from supervisors.record import Record
from supervisors.serve import make_devices, open_listeners
from supervisors.server import Server
from tests.journeys.server import PATIENCE_S
from tests.probe import Probe
from web import sockets

POISON = object()
"""No actor takes it."""


class Inside:
    """All but the main thread's wait: no signal and no zombie ends it.

    Args:
        data_dir: where it keeps what it keeps.
        painters: how many.
    """

    def __init__(self, data_dir: Path, *, painters: int = 1) -> None:
        settings = Settings(
            web=WebSettings(port=0, browser=False),
            storage=StorageSettings(data_dir=str(data_dir)),
            generators=GeneratorSettings(workers=painters),
            pictures=PictureSettings(width=64, height=64),
        )
        self._open = ExitStack()
        self._listeners = open_listeners(settings)
        self.world = self._open.enter_context(live_world())
        self.events: Probe[LifeEvent] = Probe()
        self.world.chronicle.watch(self.events)
        record = Record(settings)
        self._open.callback(record.close)
        outside = self._listeners, make_devices(settings)
        lifeline = Lifeline({}, stacks=False)
        self.server = server = Server(settings, self.world, record, lifeline, outside)
        self.board = server.board
        self._root = self.world.address("root")
        self._lives: Probe[Born | Died] = Probe()
        server.tree.root(self._root).launch(self._root, self.world.supervision, self._lives)
        assert isinstance(self._lives.next(PATIENCE_S), Born)
        host, port = sockets.address(self._listeners[0])
        self.base = f"http://{host}:{port}"
        wish = CreateKey(name="test", days=1.0)
        made = self.board.keyring.ask(wish, timeout_s=PATIENCE_S).get(timeout=PATIENCE_S)
        self.key = made.key

    def close(self) -> None:
        self._root.stop()
        died = self._lives.next(PATIENCE_S)
        self._open.close()
        for listener in self._listeners:
            listener.close()
        assert isinstance(died, Died)
        assert died.normal

    def unix(self) -> float:
        """The time, as frames bear it."""
        return self.world.clock.unix(self.world.clock.now())

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE_S)

    def sit(self, device: str = "simulator") -> dict[str, Any]:
        wish = {"user_id": "test", "device_type": device, "session_config": {}}
        with self.client() as client:
            made = client.post("/api/v1/session/create", json=wish)
        made.raise_for_status()
        answer: dict[str, Any] = made.json()
        return answer

    def poison(self, address: Address) -> None:
        """Let whoever lives there fall, and wait for the next life."""
        self.events.all()
        address.tell(POISON)
        self.raised(address.name)

    def raised(self, path: str) -> None:
        """Wait for a birth."""
        while True:
            event = self.events.next(PATIENCE_S)
            if isinstance(event, ChildStarted) and event.path == path:
                return
