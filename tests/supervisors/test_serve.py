"""The composition root: what it checks before it starts, and how a run ends."""

import os
import queue
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import (
    AddressUnusableError,
    DataDirError,
    PortInUseError,
    RecordingMissingError,
)
from config.schema import (
    DeviceSettings,
    GeneratorSettings,
    Settings,
    StorageSettings,
    WebSettings,
)
from supervisors import serve
from supervisors.serve import (
    Server,
    check_data_dir,
    live_world,
    make_devices,
    open_listeners,
    signals_to,
)
from web import sockets

if TYPE_CHECKING:
    from protocols.supervision import Born, Died


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def on(**web: object) -> Settings:
    return Settings(web=WebSettings(**web))  # type: ignore[arg-type]  # a test's choice


def test_a_used_port_is_found_before_anything_starts(taken: int) -> None:
    with pytest.raises(PortInUseError, match=str(taken)):
        open_listeners(on(port=taken))


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(AddressUnusableError):
        open_listeners(on(host="203.0.113.7", port=0))  # TEST-NET-3


def test_the_own_port_is_listened_on_once_though_it_is_a_documented_one() -> None:
    try:
        listeners = open_listeners(on(port=8003, documented_ports=True))
    except PortInUseError as error:
        pytest.skip(f"the port {error.port} is taken on this machine")
    try:
        ports = [sockets.address(listener)[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()

    assert sorted(ports) == sorted(serve.DOCUMENTED_PORTS)
    assert ports[0] == 8003


def test_a_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    check_data_dir(folder)

    assert folder.is_dir()
    assert folder.stat().st_mode & 0o777 == 0o700
    check_data_dir(folder)


def test_a_data_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for wrong in (file, file / "below"):
        with pytest.raises(DataDirError):
            check_data_dir(wrong)


def test_a_data_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("to root every folder is its own")
    tmp_path.chmod(0o500)
    with pytest.raises(DataDirError):
        check_data_dir(tmp_path)


def test_a_default_recording_that_is_missing_is_named(tmp_path: Path) -> None:
    device = DeviceSettings(default="replay:no.edf", recordings=(str(tmp_path),))
    with pytest.raises(RecordingMissingError, match=r"no\.edf"):
        make_devices(Settings(device=device))


def test_a_signal_becomes_a_word_and_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    told: queue.SimpleQueue[Born | Died | None] = queue.SimpleQueue()

    with signals_to(told):
        signal.raise_signal(signal.SIGTERM)
        assert told.get(timeout=5.0) is None

    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.slow
def test_a_signal_that_comes_before_the_tree_is_up_ends_the_run_in_order(
    tmp_path: Path,
) -> None:
    settings = Settings(
        web=WebSettings(port=0, browser=False),
        storage=StorageSettings(data_dir=str(tmp_path)),
        generators=GeneratorSettings(workers=1),
    )
    said: list[str] = []
    listeners = open_listeners(settings)
    with live_world() as world:
        server = Server(settings, world, listeners, make_devices(settings))
        server._lives.put(None)  # as the handler would
        code = server.run(said.append)
    for listener in listeners:
        listener.close()

    assert (code, said) == (0, ["stopping"])


@pytest.mark.slow
def test_a_door_that_does_not_open_takes_the_whole_start_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(
        web=WebSettings(port=0, browser=False),
        storage=StorageSettings(data_dir=str(tmp_path)),
        generators=GeneratorSettings(workers=1),
    )
    said: list[str] = []
    listeners = open_listeners(settings)
    with live_world() as world:
        server = Server(settings, world, listeners, make_devices(settings))
        for listener in listeners:
            listener.close()  # as good as no door
        code = server.run(said.append)
        rows = world.view.rows()

    assert (code, said, rows) == (70, [], [])
    assert "the tree did not start" in caplog.text
    assert "the door did not open" in caplog.text
