"""EDF, EDF+ and BDF: the European Data Format (Kemp et al. 1992; Kemp & Olivan 2003).

The signals are read by edfio. What it only warns of is settled before it sees the file:
a recording that was cut off plays up to its last whole data record, and the gaps between
the data records of a discontinuous file (EDF+D) become losses.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from actors.device.recording import Loss, Recording, recording, uv_per_unit
from protocols.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edfio import BdfSignal, EdfSignal

EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"

_NOT_EEG = re.compile(
    r"(ecg|ekg|eog|emg|erg|meg|mcg|resp|status|trig|stim|acc|gyr|aux|event|marker|sao2"
    r"|spo2|pulse|temp|heart|ppg|flow|snore|light|sound|gsr|eda|exg|loc\b|roc\b)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"-(ref|le|ar|avg|car)$", re.IGNORECASE)
_NOTCH = re.compile(r"\b(?:N|RF|NF|NOTCH)\s*:\s*(50|60)(?:\.0*)?\s*Hz", re.IGNORECASE)
_ONSET = re.compile(rb"([+-]\d+(?:\.\d*)?)\x14")


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the fixed fields say of the data records."""

    size: int
    """Bytes before the first data record."""

    record_bytes: int
    record_s: float
    records: int
    """Whole data records that are there."""

    notes_at: int | None
    """Byte of a data record at which its annotations begin."""


def load_edf(path: Path) -> Recording:
    """Read the EEG of an EDF, EDF+ or BDF file.

    Raises:
        RecordingError: a broken header, no EEG, unknown units, or differing rates.
    """
    from edfio import read_bdf, read_edf  # noqa: PLC0415  # only who replays pays for it

    data = path.read_bytes()
    is_bdf = data.startswith(BDF_MAGIC)
    try:
        header = _header(data, 3 if is_bdf else 2)
        whole = _whole(data, header)
        read = read_bdf if is_bdf else read_edf
        chosen = _eeg(path.name, read(whole, header_encoding="latin-1").signals)
        uv = np.stack([_microvolts(path.name, signal) for signal in chosen])
    except (ValueError, IndexError, KeyError) as error:
        raise RecordingError(f"{path.name}: broken EDF: {error}") from error
    return recording(
        name=path.name,
        sfreq=chosen[0].sampling_frequency,
        ch_names=[_name(signal.label) for signal in chosen],
        uv=uv,
        lost=_losses(data, header, chosen[0].samples_per_data_record),
        mains_hz=_mains(chosen[0].prefiltering),
    )


def _header(data: bytes, sample_bytes: int) -> _Header:
    """Lay of the data records.

    Raises:
        ValueError: the header is cut off or its numbers contradict each other.
    """
    size, signals = int(data[184:192]), int(data[252:256])
    record_s = float(data[244:252])
    if signals < 1 or size != 256 * (signals + 1) or len(data) < size:
        raise ValueError(f"its header of {size} bytes does not fit {signals} signals")
    labels = [data[256 + 16 * i : 272 + 16 * i] for i in range(signals)]
    counts_at = 256 + 216 * signals
    lengths = [
        sample_bytes * int(data[counts_at + 8 * i : counts_at + 8 * i + 8])
        for i in range(signals)
    ]
    records = (len(data) - size) // max(1, sum(lengths))
    if record_s <= 0 or records < 1:
        raise ValueError("there is no whole data record in it")
    notes = [i for i, label in enumerate(labels) if label[4:].startswith(b"Annotations")]
    return _Header(
        size=size,
        record_bytes=sum(lengths),
        record_s=record_s,
        records=records,
        notes_at=sum(lengths[: notes[0]]) if notes else None,
    )


def _whole(data: bytes, header: _Header) -> bytes:
    """`data` without a cut-off last record, its header in step with it."""
    end = header.size + header.records * header.record_bytes
    return data[:236] + str(header.records).ljust(8).encode() + data[244:end]


def _eeg(
    name: str, signals: "Sequence[EdfSignal | BdfSignal]"
) -> "Sequence[EdfSignal | BdfSignal]":
    """The signals that are EEG: by EDF+ label, else by what they are not."""
    labelled = [s for s in signals if s.label.upper().startswith("EEG ")]
    volts = [s for s in signals if uv_per_unit(s.physical_dimension) is not None]
    likely = [s for s in volts if not _NOT_EEG.match(s.label)]
    chosen = labelled or likely or volts
    if not chosen:
        raise RecordingError(f"{name}: none of its {len(signals)} signals is a voltage")
    rates = sorted({s.sampling_frequency for s in chosen})
    if len(rates) > 1:
        raise RecordingError(
            f"{name}: its EEG channels differ in sampling rate: "
            + ", ".join(f"{rate:g} Hz" for rate in rates)
        )
    return chosen


def _microvolts(name: str, signal: "EdfSignal | BdfSignal") -> np.ndarray:
    scale = uv_per_unit(signal.physical_dimension)
    if scale is None:
        raise RecordingError(
            f"{name}: channel {signal.label} has the unit "
            f"{signal.physical_dimension!r}; known are nV, uV, mV and V"
        )
    if (
        signal.digital_min == signal.digital_max
        or signal.physical_min == signal.physical_max
    ):
        raise RecordingError(f"{name}: channel {signal.label} has no calibration")
    return (signal.data * scale).astype(np.float32)


def _name(label: str) -> str:
    """`EEG Fp1-REF` and `Fp1..` (as in eegmmidb) are both Fp1."""
    bare = label[4:] if label.upper().startswith("EEG ") else label
    return _REFERENCE.sub("", bare.strip().rstrip(".")) or label


def _mains(prefiltering: str) -> float | None:
    notch = _NOTCH.search(prefiltering)
    return float(notch[1]) if notch else None


def _losses(data: bytes, header: _Header, samples: int) -> tuple[Loss, ...]:
    """What a discontinuous file (EDF+D, BDF+D) leaves out between its data records.

    Args:
        data: the file.
        header: its lay.
        samples: of an EEG channel in one data record.
    """
    if data[192:197] not in {b"EDF+D", b"BDF+D"} or header.notes_at is None:
        return ()
    losses, expected = [], None
    for record in range(header.records):
        at = header.size + record * header.record_bytes + header.notes_at
        onset = _ONSET.match(data, at)
        if onset is None:
            raise RecordingError(f"data record {record} has no time of its own")
        begins = float(onset[1])
        gap_s = 0.0 if expected is None else begins - expected
        lost = round(gap_s * samples / header.record_s)
        if lost > 0:
            losses.append(Loss(column=record * samples, samples=lost))
        expected = begins + header.record_s
    return tuple(losses)
