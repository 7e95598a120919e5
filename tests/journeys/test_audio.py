"""Sound as a client of document 003 has it, from a real server."""

import io
import json
import signal
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from websockets.sync.client import ClientConnection, connect

from protocols.sound import PCM_HEADER
from tests.actors.audio.measuring import strongest_hz
from tests.journeys.server import PATIENCE_S, Server, serving
from tests.journeys.test_full_disk import disk, fill

__all__ = ["disk"]  # a fixture

pytestmark = pytest.mark.slow

HEAD = struct.calcsize(PCM_HEADER)
MOST_LOOKS = 20
TONE = {"frequency": 440.0, "prayer_bowl_mode": False, "harmonic_strength": 0.0}
TONE |= {"modulation_depth": 0.0, "volume": 0.5}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Server]:
    """A server of its own: a practice that another test began would sound on."""
    with serving(tmp_path) as server:
        yield server


def generate(client: httpx.Client, duration: float) -> dict[str, Any]:
    wish = TONE | {"duration": duration}
    made = client.post("/api/v1/audio/generate", json=wish)
    assert made.status_code == 200, made.text
    answer: dict[str, Any] = made.json()
    return answer


def socket_of(server: Server, path: str) -> str:
    return server.base.replace("http", "ws", 1) + path


def test_a_sound_is_generated_played_heard_seen_and_stopped(alone: Server) -> None:
    server = alone
    with (
        server.client(None) as client,
        connect(
            socket_of(server, "/api/v1/audio/stream"), open_timeout=PATIENCE_S
        ) as stream,
    ):
        assert json.loads(stream.recv(timeout=PATIENCE_S))["type"] == "audio_format"
        made = generate(client, 120.0)
        assert made["samples"] == 120 * 44_100
        assert made["peak"] == pytest.approx(0.5, abs=1e-6)

        played = client.post("/api/v1/audio/play", json={"hardware_level": 2})
        assert played.status_code == 200
        assert played.json()["output"]["state"] == "none"

        heard = stretch(stream, 10)
        assert strongest_hz(heard, 50.0, 5000.0) == pytest.approx(440.0, abs=0.1)
        seen = client.get("/api/v1/audio/spectrum").json()
        loudest = int(np.argmax(seen["spectrum"]))
        assert seen["frequencies"][loudest] == pytest.approx(440.0, rel=0.06)
        assert broadcast_spectrum(server)[loudest] == pytest.approx(
            seen["spectrum"][loudest], abs=0.02
        )

        client.post("/api/v1/audio/stop").raise_for_status()
        status = client.get("/api/v1/audio/status").json()
        assert (status["playing"], status["has_audio"]) == (False, True)
        # A synth that is late on a busy machine is silent at /ws before it has faded.
        left = [1.0]
        for _ in range(MOST_LOOKS):
            broadcast_spectrum(server, silent=True)
            left = client.get("/api/v1/audio/spectrum").json()["spectrum"]
            if not any(left):
                break
        assert not any(left)


def stretch(stream: ClientConnection, blocks: int) -> npt.NDArray[np.float64]:
    """The left ear of blocks that follow one another, from the first that sounds on."""
    found: list[npt.NDArray[np.float64]] = []
    last = -1
    while len(found) < blocks:
        message = stream.recv(timeout=PATIENCE_S)
        assert isinstance(message, bytes)
        first = struct.unpack(PCM_HEADER, message[:HEAD])[2]
        pcm = np.frombuffer(message[HEAD:], "<i2").reshape(-1, 2)[:, 0] / 32767.0
        if found and first != last + len(pcm):
            found.clear()  # the machine was too busy: what follows must be without a gap
        last = first
        if np.abs(pcm[:100]).max() > 0.4:
            found.append(pcm)
    return np.concatenate(found)


def broadcast_spectrum(server: Server, *, silent: bool = False) -> list[float]:
    """Of the next `realtime_data` that is (not) of silence."""
    with connect(socket_of(server, "/ws"), open_timeout=PATIENCE_S) as socket:
        for _ in range(100):
            message = json.loads(socket.recv(timeout=PATIENCE_S))
            if message["type"] != "realtime_data":
                continue
            bins: list[float] = message["audio_spectrum"]
            if any(bins) is not silent:
                return bins
    raise AssertionError("no such spectrum")


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
def test_a_sound_is_had_as_a_file_that_any_reader_reads(server: Server, kind: str) -> None:
    with server.client(None) as client:
        generate(client, 2.5)
        answer = client.get("/api/v1/audio/file", params={"format": kind})

    assert answer.headers["content-type"] == f"audio/{kind}"
    samples, sfreq = soundfile.read(io.BytesIO(answer.content))
    assert samples.shape == (110_250, 2)
    assert sfreq == 44_100
    assert strongest_hz(samples[:, 1], 50.0, 5000.0) == pytest.approx(440.0, abs=0.1)


def test_a_wav_file_needs_no_library_to_be_read(server: Server) -> None:
    with server.client(None) as client:
        made = generate(client, 1.0)
        data = client.get(made["file_url"]).content

    with wave.open(io.BytesIO(data)) as file:
        shape = file.getnchannels(), file.getsampwidth(), file.getframerate()
        assert (*shape, file.getnframes()) == (2, 2, 44_100, 44_100)


def test_an_hour_is_a_file_that_comes_in_parts(server: Server) -> None:
    with server.client(None) as client:
        made = generate(client, 3600.0)
        head = {"Range": "bytes=-4"}
        last = client.get(made["file_url"], headers=head, timeout=120.0)

    assert last.status_code == 206
    size = int(last.headers["content-range"].rpartition("/")[2])
    assert size >= 3600 * 44_100 * 4
    assert len(last.content) == 4


def test_own_presets_outlive_a_kill(tmp_path: Path) -> None:
    wish = {"name": "Night bell", "frequency": 111.1, "volume": 0.3}
    with serving(tmp_path) as server, server.client(None) as client:
        assert client.post("/api/v1/audio/presets", json=wish).status_code == 201
        server.stop(signal.SIGKILL)

    with serving(tmp_path) as server, server.client(None) as client:
        kept = client.get("/api/v1/audio/presets/night-bell").json()["preset"]
        made = client.post("/api/v1/audio/generate", json={"preset": "night-bell"})

    assert (kept["name"], kept["frequency"], kept["volume"]) == ("Night bell", 111.1, 0.3)
    assert made.json()["config"]["frequency"] == 111.1
    assert made.json()["peak"] == pytest.approx(0.3, abs=1e-6)


def test_a_full_disk_takes_no_file_and_the_sound_plays_all_the_same(disk: Path) -> None:
    with serving(disk) as server, server.client(None) as client:
        generate(client, 60.0)
        ballast = fill(disk)

        refused = client.get("/api/v1/audio/file", params={"format": "wav"})
        no_preset = client.post(
            "/api/v1/audio/presets", json={"name": "A bell", "frequency": 100}
        )
        played = client.post("/api/v1/audio/play")

        assert refused.status_code == no_preset.status_code == 503
        assert refused.json()["error_code"] == "STORAGE_UNAVAILABLE"
        assert no_preset.json()["error_code"] == "STORAGE_UNAVAILABLE"
        assert played.status_code == 200
        assert client.get("/api/v1/audio/presets").json()["trouble"]

        ballast.unlink()
        generate(client, 1.0)
        assert client.get("/api/v1/audio/file").status_code == 200
        assert (
            client.post(
                "/api/v1/audio/presets", json={"name": "A bell", "frequency": 100}
            ).status_code
            == 201
        )
