"""One server for the journeys that do not harm it."""

from collections.abc import Iterator

import pytest

from tests.journeys.server import RECORDINGS, Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with small pictures, so that a slow machine keeps up."""
    options = ["--set", "pictures.width=128", "--set", "pictures.height=128"]
    options += ["--set", f"device.recordings={RECORDINGS}"]
    with serving(tmp_path_factory.mktemp("data"), *options) as running:
        yield running
