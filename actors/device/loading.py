"""From a file to a `Recording`: told by its content first, then by its name."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from actors.device.formats.edf import BDF_MAGIC, EDF_MAGIC, load_edf
from actors.device.formats.muse import MUSE_MAGIC, load_muse
from actors.device.formats.openbci import OPENBCI_MAGIC, load_openbci
from actors.device.formats.xdf import XDF_MAGIC, load_xdf
from actors.device.recording import Recording
from protocols.errors import RecordingError


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A file format that can be replayed."""

    title: str
    suffixes: tuple[str, ...]
    magic: bytes
    """The first bytes of a file of it."""

    load: Callable[[Path], Recording]


FORMATS = (
    Format(title="EDF", suffixes=(".edf", ".rec"), magic=EDF_MAGIC, load=load_edf),
    Format(title="BDF", suffixes=(".bdf",), magic=BDF_MAGIC, load=load_edf),
    Format(title="XDF", suffixes=(".xdf",), magic=XDF_MAGIC, load=load_xdf),
    Format(
        title="OpenBCI text", suffixes=(".txt",), magic=OPENBCI_MAGIC, load=load_openbci
    ),
    Format(title="Muse text", suffixes=(".csv",), magic=MUSE_MAGIC, load=load_muse),
)
SUFFIXES = tuple(suffix for known in FORMATS for suffix in known.suffixes)


def load_recording(path: Path) -> Recording:
    """Read the EEG of a file.

    Raises:
        RecordingError: missing, of no known format, or broken; the message says which
            and where.
    """
    known = recognise(path)
    try:
        return known.load(path)
    except OSError as error:
        raise RecordingError(f"{path.name}: cannot be read: {error.strerror}") from error


def recognise(path: Path) -> Format:
    """Which format a file has, by its first bytes; the rest is not read.

    Raises:
        RecordingError: missing, or of no known format.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(64)
    except FileNotFoundError as error:
        raise RecordingError(f"{path.name}: there is no such recording") from error
    except OSError as error:
        raise RecordingError(f"{path.name}: cannot be read: {error.strerror}") from error
    begins = begins.removeprefix(b"\xef\xbb\xbf")  # what some editors put before text
    for known in FORMATS:
        if begins.startswith(known.magic):
            return known
    raise RecordingError(f"{path.name}: {_why_unknown(path, begins)}")


def _why_unknown(path: Path, begins: bytes) -> str:
    for known in FORMATS:
        if path.suffix.lower() in known.suffixes:
            return (
                f"its name says {known.title}, but it does not begin like one: "
                f"{begins[: len(known.magic)]!r} instead of {known.magic!r}"
            )
    titles = ", ".join(known.title for known in FORMATS)
    return f"of no known format; known are {titles}"
