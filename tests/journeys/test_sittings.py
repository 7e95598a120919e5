"""Whole sittings against a real server: a simulated sitter, recordings, pushed samples."""

import itertools

import numpy as np
import pytest
import simplejpeg

from tests.journeys.server import RECORDINGS, Server, watching

PLAYED = (
    ("rest_20ch_500hz.edf", 500.0),
    ("openbci_blinks_jaw_alpha.txt", 250.0),
    ("muse_ssvep.csv", 256.0),
    ("muse_over_lsl.xdf", 256.0),
)


def test_a_simulated_brain_drives_pictures(server: Server) -> None:
    session = server.sit()
    with watching(session) as viewer:
        pictures = [viewer.driven() for _ in range(12)]

    heads = [head for head, _ in pictures]
    assert simplejpeg.decode_jpeg(pictures[-1][1]).shape == (128, 128, 3)
    assert all(b.sequence > a.sequence for a, b in itertools.pairwise(heads))
    assert all(b.captured_at > a.captured_at for a, b in itertools.pairwise(heads))
    last = heads[-1]
    assert last.metadata.device == "simulator"
    assert last.metadata.model == "phosphene-painter"
    assert last.metadata.concepts[0]["word"]
    assert 0.0 < last.metadata.confidence <= 1.0
    took = dict(last.latency_ms)
    total = took.pop("total")
    assert total == pytest.approx(sum(took.values()), abs=0.1)
    assert total / 1e3 == pytest.approx(last.timestamp - last.captured_at, abs=0.01)


def test_what_the_sitter_does_is_seen(server: Server) -> None:
    session = server.sit()
    path = f"/api/v1/session/{session['session_id']}"
    with watching(session) as viewer, server.client() as client:
        viewer.driven()
        client.post(f"{path}/brain", json={"command": "unplug"}).raise_for_status()
        assert "unplugged" in viewer.status("searching")["reason"]

        again = {"command": "unplug", "unplugged": False}
        client.post(f"{path}/brain", json=again).raise_for_status()
        viewer.status("streaming")
        viewer.driven()

        for name in ("Fp1", "Fp2", "F3", "F4", "T7", "T8", "O1", "O2"):
            loose = {"command": "loosen_electrode", "channel": name}
            client.post(f"{path}/brain", json=loose).raise_for_status()
        assert "bad contact" in viewer.status("frozen")["reason"]

        client.post(f"{path}/end").raise_for_status()
        viewer.status("ended")


def test_closed_eyes_move_the_alpha_power(server: Server) -> None:
    session = server.sit()
    path = f"/api/v1/session/{session['session_id']}/brain"
    with watching(session) as viewer, server.client() as client:
        shares = []
        for closed in (False, True):
            client.post(path, json={"command": "run_script", "name": ""})
            state = {"command": "set_state", "eyes_closed": closed, "relaxation": 0.5}
            client.post(path, json=state).raise_for_status()
            # Seven seconds: a window, and what is smoothed behind it.
            heads = [viewer.driven()[0] for _ in range(70)]
            shares.append(heads[-1].metadata.features["alpha"])

    assert shares[1] > 1.3 * shares[0]


@pytest.mark.parametrize(("name", "sfreq"), PLAYED)
def test_a_real_recording_plays_to_pictures(
    server: Server, name: str, sfreq: float
) -> None:
    if not (RECORDINGS / name).is_file():
        pytest.skip(f"the recording {name} is not beside the project")
    session = server.sit(f"replay:{name}", speed=8)
    with watching(session) as viewer:
        said = viewer.status("streaming")
        assert f"{sfreq:g} Hz" in said["reason"]
        head, image = viewer.driven()

    assert head.metadata.device == f"replay:{name}"
    assert simplejpeg.decode_jpeg(image).std() > 5


def test_samples_that_a_client_pushes_drive_pictures(server: Server) -> None:
    session = server.sit("ingest")
    rng = np.random.default_rng(3)
    time = np.arange(1000) / 250
    uv = 20 * np.sin(2 * np.pi * 10 * time) + rng.normal(0, 5, (4, 1000))
    with watching(session) as viewer, server.client() as client:
        viewer.status("searching")
        for piece in np.split(uv, 40, axis=1):
            push = {
                "session_id": session["session_id"],
                "sfreq": 250,
                "ch_names": ["F3", "F4", "O1", "O2"],
                "samples": piece.tolist(),
            }
            client.post("/api/v1/ingest/stream", json=push).raise_for_status()
        viewer.status("streaming")
        head, _ = viewer.driven()

    assert head.metadata.device == "ingest"


def test_a_headset_that_is_not_there_is_searched_for(server: Server) -> None:
    session = server.sit("muse")
    with watching(session) as viewer:
        head, _ = viewer.picture()
        assert "muse" in viewer.status("searching")["reason"]

    assert (head.metadata.driven, head.metadata.confidence) == (False, 0.0)


def test_a_session_ends_by_itself(server: Server) -> None:
    session = server.sit(duration_minutes=0.05)
    with watching(session) as viewer:
        assert "minutes are over" in viewer.status("ended")["reason"]
    with server.client() as client:
        shown = client.get(f"/api/v1/session/{session['session_id']}").json()

    assert shown["status"] == "ended"
    assert shown["duration_seconds"] == 3


def test_a_viewer_comes_back_where_it_was(server: Server) -> None:
    session = server.sit()
    with watching(session) as viewer:
        first, _ = viewer.driven()
    with watching(session, f"format=binary&since={first.sequence}") as viewer:
        second, _ = viewer.picture()

    assert second.sequence > first.sequence


def test_a_picture_on_demand_obeys_and_its_address_opens(server: Server) -> None:
    wish = {"prompt": "a red sun over a dark sea", "width": 96, "height": 64, "seed": 5}
    with server.client() as client:
        made = client.post("/api/v1/generate", json=wish).json()
        again = client.post("/api/v1/generate", json=wish).json()
        png = client.get(made["image_url"])

    assert png.headers["content-type"] == "image/png"
    assert made["image_base64"] == again["image_base64"]  # same wish, same seed
    assert made["metadata"]["seed"] == 5
