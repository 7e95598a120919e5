"""A sitting is heard: driven, on the pictures' clock, and past the fall of the synth."""

import itertools
import json
import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from websockets.sync.client import ClientConnection, connect

from protocols.sound import BLOCK, PCM_HEADER
from tests.journeys.server import PATIENCE_S, Server

pytestmark = pytest.mark.slow

HEAD = struct.calcsize(PCM_HEADER)


class Block(NamedTuple):
    """A tenth of a second."""

    first: int
    unix: float
    pcm: npt.NDArray[np.float64]

    @property
    def level(self) -> float:
        """Root mean square, 0 to 1."""
        return float(np.sqrt(np.mean(self.pcm**2)))


class Ears:
    """Hears a stream."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        assert json.loads(socket.recv(timeout=PATIENCE_S))["type"] == "audio_format"

    def block(self) -> Block:
        message = self._socket.recv(timeout=PATIENCE_S)
        assert isinstance(message, bytes)
        magic, sfreq, first, unix = struct.unpack(PCM_HEADER, message[:HEAD])
        assert (magic, sfreq) == (b"PHS1", 44_100)
        pcm = np.frombuffer(message[HEAD:], "<i2").reshape(-1, 2) / 32767.0
        assert pcm.shape == (BLOCK, 2)
        return Block(first, unix, pcm)

    def loud(self, above: float = 0.005) -> Block:
        """The next block that is not (nearly) silent."""
        while (block := self.block()).level < above:
            pass
        return block

    def levels(self, seconds: float) -> npt.NDArray[np.float64]:
        return np.array([self.block().level for _ in range(round(10 * seconds))])


def switch(server: Server, session: str, *, sound: bool) -> None:
    with server.client() as client:
        path = f"/api/v1/session/{session}/sound"
        said = client.post(path, json={"sound": sound})
    assert said.status_code == 200, said.text
    assert said.json()["session_config"]["sound"] is sound


def sounding(server: Server) -> int:
    """How many sessions sound."""
    with server.client(None) as client:
        count: int = client.get("/api/v1/audio/status").json()["sessions_sounding"]
    return count


def listening(server: Server, session: str) -> str:
    return server.base.replace("http", "ws", 1) + f"/stream/{session}/audio"


def test_a_sitting_is_heard_on_the_clock_of_its_pictures(server: Server) -> None:
    session = server.sit(sound=True)["session_id"]
    with connect(listening(server, session), open_timeout=PATIENCE_S) as socket:
        ears = Ears(socket)
        ears.loud()
        blocks = [ears.block() for _ in range(30)]

    for before, after in itertools.pairwise(blocks):
        assert (after.first - before.first) % BLOCK == 0
        passed_s = (after.first - before.first) / 44_100
        assert after.unix - before.unix == pytest.approx(passed_s, abs=1e-6)
    assert np.abs(np.concatenate([block.pcm for block in blocks])).max() <= 1.0


def test_it_is_switched_off_and_on(server: Server) -> None:
    session = server.sit(sound=False)["session_id"]
    switch(server, session, sound=True)
    with connect(listening(server, session), open_timeout=PATIENCE_S) as socket:
        ears = Ears(socket)
        ears.loud()
        before = sounding(server)
        switch(server, session, sound=False)
        after = sounding(server)
        switch(server, session, sound=True)
        ears.loud()

    assert after == before - 1


def test_it_goes_on_though_the_synth_is_restarted(server: Server) -> None:
    session = server.sit(sound=True)["session_id"]
    with connect(listening(server, session), open_timeout=PATIENCE_S) as socket:
        ears = Ears(socket)
        before = ears.loud()
        with server.client() as client:
            path = "/ops/actors/root/audio/synth/restart"
            done = client.post(path, json={"reason": "to hear what happens"})
            done.raise_for_status()
        after = ears.loud()
        while after.first < before.first + 20 * BLOCK:
            after = ears.loud()

    assert (after.first - before.first) % BLOCK == 0
    assert after.unix - before.unix == pytest.approx(
        (after.first - before.first) / 44_100, abs=1e-6
    )
