"""The whole server plays: generate, play, and what comes out at a null sink's monitor."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.actors.audio.halls import PulseHall, missing_for_pulse, surroundings
from tests.actors.audio.output_bench import Heard
from tests.journeys.server import PATIENCE_S, Server, serving

LACKS = missing_for_pulse()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKS), reason=f"needs {LACKS}"),
]

HZ, VOLUME = 440.0, 0.5
TONE = {"frequency": HZ, "volume": VOLUME, "duration": 600.0, "prayer_bowl_mode": False}
TONE |= {"harmonic_strength": 0.0, "modulation_depth": 0.0}
LISTEN_S = 8.0
LIMITLESS = ("--set", "limits.requests_a_minute=0")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[PulseHall]:
    with PulseHall(tmp_path).open() as hall, surroundings(hall.environment):
        yield hall


@pytest.fixture
def server(hall: PulseHall, tmp_path: Path) -> Iterator[Server]:
    assert hall.device == "hall"
    with serving(tmp_path / "data", *LIMITLESS, "--set", "audio.output_2=hall") as server:
        yield server


def output(client: httpx.Client) -> dict[str, object]:
    outputs = client.get("/api/v1/audio/status").json()["outputs"]
    found: dict[str, object] = outputs[0]
    assert found["level"] == 2
    return found


def test_a_tone_is_played_at_its_pitch_without_a_gap_and_stops_by_a_fade(
    hall: PulseHall, server: Server
) -> None:
    with server.client(None) as client, hall.ears() as ears:
        client.post("/api/v1/audio/generate", json=TONE).raise_for_status()
        played = client.post("/api/v1/audio/play", json={"hardware_level": 2})
        assert played.json()["output"]["state"] in ("opening", "playing")
        sound = ears.hear(LISTEN_S)
        underruns = output(client)["underruns"]
        client.post("/api/v1/audio/stop").raise_for_status()
        after = ears.hear(4.0)

    heard = Heard(sound, HZ).from_its_beginning()
    assert len(heard.amplitude) > 300
    assert heard.hz() == pytest.approx(HZ, abs=0.1)
    if underruns == 0:  # a machine that stands still is counted, and heard
        assert heard.quietest() == pytest.approx(VOLUME, rel=0.01)
        assert heard.worst_step() < 0.5
        own = VOLUME * 2 * np.pi * HZ / 44_100
        assert np.abs(np.diff(after[:, 0])).max() < 1.5 * own
    assert not after[-22_050:].any()


def test_a_device_that_goes_away_is_said_and_comes_back_to_the_same_sound(
    hall: PulseHall, server: Server
) -> None:
    with server.client(None) as client:
        client.post("/api/v1/audio/generate", json=TONE).raise_for_status()
        client.post("/api/v1/audio/play").raise_for_status()
        until(client, "playing")
        hall.remove()
        until(client, "lost", "failed")
        assert client.get("/api/v1/audio/status").json()["playing"]
        hall.restore()
        until(client, "playing")
        with hall.ears() as ears:
            sound = ears.hear(4.0)

    assert Heard(sound[-88_200:], HZ).hz() == pytest.approx(HZ, abs=0.2)


def test_a_device_that_is_not_there_is_503_and_the_sound_streams(
    hall: PulseHall, tmp_path: Path
) -> None:
    assert hall.device
    options = ("--set", "audio.output_3=no such device")
    with serving(tmp_path / "data", *options) as server, server.client(None) as client:
        client.post("/api/v1/audio/generate", json=TONE).raise_for_status()
        refused = client.post("/api/v1/audio/play", json={"hardware_level": 3})
        status = client.get("/api/v1/audio/status").json()

    assert (refused.status_code, refused.json()["error_code"]) == (503, "AUDIO_UNAVAILABLE")
    assert refused.json()["details"]["streaming"] is True
    assert status["playing"] is True


def until(client: httpx.Client, *states: str) -> None:
    """Wait until the output is in one of these states."""
    ends = time.monotonic() + PATIENCE_S
    while output(client)["state"] not in states:
        assert time.monotonic() < ends, f"never {states}"
