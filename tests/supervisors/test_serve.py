"""The composition root: what it checks before it starts, and how a run ends."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

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
from supervisors.lifeline import Lifeline
from supervisors.live import live_world
from supervisors.record import Record
from supervisors.serve import check_data_dir, make_devices, open_listeners
from supervisors.server import Enough, Server, signals_to
from supervisors.world import World
from tests.probe import Probe
from web import sockets


def make_server(settings: Settings, world: World, listeners: list[socket.socket]) -> Server:
    outside = listeners, make_devices(settings)
    return Server(settings, world, Record(settings), Lifeline({}, stacks=False), outside)


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
    told: Probe[str] = Probe()

    with signals_to(told.tell):
        signal.raise_signal(signal.SIGTERM)
        assert told.next() == "SIGTERM"

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
        server = make_server(settings, world, listeners)
        server._told.put(Enough("SIGTERM"))  # as the handler would
        code = server.run(said.append)
    for listener in listeners:
        listener.close()

    assert (code, said) == (0, ["stopping (SIGTERM)"])


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
        server = make_server(settings, world, listeners)
        for listener in listeners:
            listener.close()  # as good as no door
        code = server.run(said.append)
        rows = world.view.rows()

    assert (code, said, rows) == (70, [], [])
    assert "the tree did not start" in caplog.text
    assert "the door did not open" in caplog.text
