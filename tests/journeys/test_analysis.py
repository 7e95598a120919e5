"""The services that document 000 only names, one after the other, against a real server."""

from typing import Any

import numpy as np
import pytest

from tests.journeys.server import Server

NAMES = ["F3", "F4", "O1", "O2"]


def alpha(seconds: float = 4.0) -> list[list[float]]:
    """Ten hertz over noise and a large offset, microvolts."""
    rng = np.random.default_rng(1)
    time = np.arange(round(250 * seconds)) / 250
    uv = 62_000 + 20 * np.sin(2 * np.pi * 10 * time) + rng.normal(0, 3, (4, time.size))
    rows: list[list[float]] = uv.tolist()
    return rows


def post(server: Server, path: str, body: object) -> tuple[int, dict[str, Any]]:
    with server.client() as client:
        answer = client.post(f"/api/v1/{path}", json=body)
    read: dict[str, Any] = answer.json()
    return answer.status_code, read


def test_raw_samples_become_clean_features_and_words(server: Server) -> None:
    raw = {"samples": alpha(), "sfreq": 250, "ch_names": NAMES}
    status, clean = post(server, "preprocess", raw)
    assert status == 200
    assert [seen["state"] for seen in clean["quality"]] == ["good"] * 4
    assert np.abs(np.array(clean["samples"])[:, 250:]).max() < 60  # of 62 mV
    at = clean["band_powers"]["bands"].index("alpha")
    assert min(row[at] for row in clean["band_powers"]["relative"]) > 0.9
    # A sine of amplitude 20 has a power of 200.
    powers = [row[at] for row in clean["band_powers"]["absolute_uv2"]]
    assert powers == pytest.approx([200.0] * 4, rel=0.1)

    pieces = {"samples": clean["samples"], "sfreq": 250, "ch_names": NAMES}
    status, made = post(server, "encode", pieces)
    assert status == 200
    assert np.linalg.norm(made["vector"]) == pytest.approx(1.0, abs=1e-5)
    assert len(made["vector"]) == 512
    assert made["features"]["alpha"] > 0.9

    status, said = post(server, "semantic/extract", {"features": made["features"]})
    assert status == 200
    assert said["mood"]["arousal"]["value"] < -0.3  # much alpha is calm
    assert said["concepts"][0]["because"]
    status, other = post(server, "semantic/extract", {"vector": made["vector"]})
    assert (status, bool(other["prompt"])) == (200, True)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("preprocess", {"samples": [[1, 2], [3]], "sfreq": 250}, "samples"),
        ("preprocess", {"samples": [[1.0] * 9], "sfreq": -1}, "sfreq"),
        ("preprocess", {"samples": [["x"] * 9], "sfreq": 250}, "samples"),
        ("preprocess", {"sfreq": 250}, "samples"),
        ("encode", {"samples": [[1.0] * 5], "sfreq": 250}, "samples"),
        ("encode", {"samples": [[1.0] * 500], "sfreq": 250, "ch_names": "x"}, "ch_names"),
        ("semantic/extract", {}, "features"),
        ("semantic/extract", {"features": {"alpha": "much"}}, "features"),
        ("semantic/extract", {"features": {"no such": 1.0}}, "no such"),
        ("semantic/extract", {"vector": [1.0, 2.0]}, "vector"),
    ],
)
def test_what_is_wrong_is_named(
    server: Server, path: str, body: dict[str, Any], field: str
) -> None:
    status, answer = post(server, path, body)

    assert status == 422
    assert field in str(answer["error"]["details"]["mistakes"])


@pytest.mark.parametrize("path", ["preprocess", "encode", "semantic/extract"])
def test_a_key_is_needed(server: Server, path: str) -> None:
    with server.client(key=None) as client:
        assert client.post(f"/api/v1/{path}", json={}).status_code == 401
