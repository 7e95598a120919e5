"""A disk with no room: pictures are painted, streams go on, and the server says so."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.server import Server, serving, watching

pytestmark = pytest.mark.slow

SIZE = "2m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A tiny disk of its own."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk that is small enough to fill")
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield tmp_path
    subprocess.run([unmount, "--lazy", str(tmp_path)], check=True)  # noqa: S603


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(itertools.repeat(bytes(4096)))
    return ballast


def generate(server: Server) -> str:
    """Have a picture painted and see that it can be fetched; its path."""
    with server.client() as client:
        made = client.post(
            "/api/v1/generate", json={"prompt": "a sea", "width": 64, "height": 64}
        )
        made.raise_for_status()
        png = client.get(made.json()["image_url"])
    assert png.headers["content-type"] == "image/png"
    return png.url.path


def health(server: Server) -> tuple[str, str]:
    """Its status, and what it says of the disk."""
    with server.client(None) as client:
        said = client.get("/health").json()
    return said["status"], said["storage"]["degraded"]


def test_a_full_disk_is_a_state_and_no_end(disk: Path) -> None:
    with serving(disk, "--workers", "1") as server:
        first = generate(server)
        assert health(server) == ("healthy", "")
        session = server.sit(width=64, height=64)
        with watching(session) as viewer:
            before, _ = viewer.driven()
            ballast = fill(disk)

            second = generate(server)
            status, reason = health(server)
            after, _ = viewer.driven()

            assert status == "degraded"
            assert "No space left" in reason
            assert after.sequence > before.sequence
        with server.client() as client:
            for path in (first, second):
                assert client.get(path).headers["content-type"] == "image/png"
        ballast.unlink()
        assert server.stop() == 0


def test_it_starts_on_a_full_disk_and_its_streams_need_no_key(disk: Path) -> None:
    fill(disk)
    with serving(disk, "--workers", "1") as server:
        with server.client(None) as client:
            assert client.get("/live").status_code == 200
        assert any(line.startswith("no key") for line in server.lines)
        assert server.stop() == 0
