"""XDF: what Lab Streaming Layer's recorders write; read by pyxdf.

The EEG stream is the one of type `EEG` with the most samples. Time stamps are those that
pyxdf has smoothed; the rate is the nominal one.
"""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from actors.device.formats.xdf_chunks import whole_chunks
from actors.device.recording import Recording, losses_by_time, recording, uv_per_unit
from protocols.errors import RecordingError

XDF_MAGIC = b"XDF:"


def load_xdf(path: Path) -> Recording:
    """Read the EEG stream of an XDF file.

    Raises:
        RecordingError: not readable, or no EEG stream, or none that can be used.
    """
    import pyxdf  # noqa: PLC0415  # only who replays XDF pays for it

    whole = whole_chunks(path.name, path.read_bytes())
    try:
        streams, _ = pyxdf.load_xdf(BytesIO(whole), verbose=False)
    except Exception as error:  # pyxdf documents no errors of its own
        why = f"{type(error).__name__}: {error}"
        raise RecordingError(f"{path.name}: broken XDF: {why}") from error
    stream = _eeg(path.name, streams)
    labels, scales = _channels(path.name, stream)
    sfreq = float(stream["info"]["nominal_srate"][0])
    samples = np.asarray(stream["time_series"], dtype=np.float64)
    if samples.ndim != 2 or samples.shape[1] != len(labels):  # noqa: PLR2004  # a table
        raise RecordingError(f"{path.name}: its EEG stream holds no table of samples")
    eeg = [i for i, scale in enumerate(scales) if scale is not None]
    return recording(
        name=path.name,
        sfreq=sfreq,
        ch_names=[labels[i] for i in eeg],
        uv=(samples[:, eeg] * [scales[i] for i in eeg]).T,
        lost=losses_by_time(np.asarray(stream["time_stamps"]), sfreq) if sfreq > 0 else (),
    )


def _eeg(name: str, streams: list[dict[str, Any]]) -> dict[str, Any]:
    found = [s for s in streams if s["info"]["type"][0].upper() == "EEG"]
    if not found:
        kinds = sorted({s["info"]["type"][0] or "no type" for s in streams})
        raise RecordingError(
            f"{name}: no EEG stream in it; its streams are {', '.join(kinds) or 'none'}"
        )
    return max(found, key=lambda s: len(s["time_series"]))


def _channels(name: str, stream: dict[str, Any]) -> tuple[list[str], list[float | None]]:
    """Labels and microvolts a unit; None where a channel is described as no EEG."""
    number = int(stream["info"]["channel_count"][0])
    described: list[dict[str, Any]] = []
    with suppress(TypeError, KeyError, IndexError):  # a stream need not describe itself
        described = stream["info"]["desc"][0]["channels"][0]["channel"]
    if len(described) != number:
        return [f"EEG {i}" for i in range(number)], [1.0] * number
    labels = [_first(ch, "label") or f"EEG {i}" for i, ch in enumerate(described)]
    scales: list[float | None] = []
    for label, channel in zip(labels, described, strict=True):
        unit, kind = _first(channel, "unit"), _first(channel, "type").upper()
        scale = uv_per_unit(unit or "microvolts")
        if kind in {"", "EEG"} and scale is None:
            raise RecordingError(f"{name}: channel {label} has the unknown unit {unit!r}")
        scales.append(scale if kind in {"", "EEG"} else None)
    return labels, scales


def _first(channel: dict[str, Any], key: str) -> str:
    values = channel.get(key) or [""]
    return str(values[0] or "").strip()
