"""One server for the clients, with small pictures and no limit on generations."""

from collections.abc import Iterator

import pytest

from phosphene.client import Patience, Phosphene
from tests.journeys.server import PATIENCE_S, Server, serving

SMALL = ["--set", "pictures.width=128", "--set", "pictures.height=128"]
SMALL += ["--set", "limits.generations_a_minute=0", "--set", "limits.requests_a_minute=0"]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("clients"), *SMALL) as running:
        yield running


@pytest.fixture
def phosphene(server: Server) -> Iterator[Phosphene]:
    patience = Patience(first_s=0.1)
    with Phosphene(server.base, server.key, timeout_s=PATIENCE_S, patience=patience) as one:
        yield one
