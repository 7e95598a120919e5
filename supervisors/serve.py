"""Serve: settings in, a running server out, an exit code at the end.

1  check           the default device, the data folder, the journal
2  listen          a used port is found before anything is started
3  run             `supervisors.server`
"""

import errno
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

from actors.device.ingest import IngestSource
from actors.device.sources import Devices
from config.errors import (
    AddressUnusableError,
    DataDirError,
    PortInUseError,
    RecordingMissingError,
)
from config.recordings import REPLAY_PREFIX, find_own_recording
from config.schema import Settings
from supervisors.lifeline import Lifeline
from supervisors.live import live_world
from supervisors.record import Record
from supervisors.server import INGEST, SIMULATOR, Server, make_headset
from web import sockets

DOCUMENTED_PORTS = (8000, 8001, 8002, 8003, 8004, 8005, 8007, 3000)


def run(settings: Settings, *, announce: Callable[[str], None]) -> int:
    """Serve until a signal comes.

    Args:
        settings: of this run.
        announce: says a line to whoever started it.

    Returns:
        0 after a clean drain; 70 when the tree fell; 75 when the drain hung, or when so
        many actors hang that the process should be started again.

    Raises:
        StartError: the server cannot start, and why.
    """
    logging.basicConfig(
        level=settings.log.level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    devices = make_devices(settings)
    check_data_dir(settings.data_dir)
    record = Record(settings)
    try:
        sockets.allow_descriptors()
        listeners = open_listeners(settings)  # last: whatever fails before leaves none open
        lifeline = Lifeline(os.environ, stacks=True)
        with live_world(after=record.last) as world:
            server = Server(settings, world, record, lifeline, (listeners, devices))
            return server.run(announce)
    finally:
        record.close()


def open_listeners(settings: Settings) -> list[socket.socket]:
    """Listen where the settings say.

    Raises:
        PortInUseError: another program listens there.
        AddressUnusableError: no such address, or not allowed.
    """
    extra = DOCUMENTED_PORTS if settings.web.documented_ports else ()
    ports = [settings.web.port, *(p for p in extra if p != settings.web.port)]
    try:
        return sockets.listen(settings.web.host, ports)
    except sockets.PortUsedError as error:
        raise PortInUseError(error.host, error.port) from error
    except sockets.AddressUnusableError as error:
        raise AddressUnusableError(error.host, error.port, str(error)) from error


def check_data_dir(data_dir: Path) -> None:
    """See that the data folder is there and ours; a full disk is no reason not to start.

    Raises:
        DataDirError: it cannot be made, or we may not write there.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise DataDirError(data_dir, error.strerror or str(error)) from error
    else:
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise DataDirError(data_dir, "we may not write there")


def make_devices(settings: Settings) -> Devices:
    """The device types of this run, the default one checked.

    Raises:
        RecordingMissingError: the default device is a recording that cannot be played.
    """
    default = settings.device.default
    name = default.removeprefix(REPLAY_PREFIX)
    devices = Devices(
        recordings=settings.recording_dirs,
        own=(find_own_recording(name, settings.recording_dirs),) if name != default else (),
        supplied={SIMULATOR: lambda: make_headset(None), INGEST: IngestSource},
        default=default,
    )
    wrong = devices.refusal(default)
    if wrong is not None:
        raise RecordingMissingError(name, wrong)
    return devices
