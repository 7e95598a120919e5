"""Recordings made on the spot: small files of every format, from known microvolts."""

import struct
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from actors.device.recording import Loss, Recording, recording
from protocols.eeg import Microvolts

DATA = Path(__file__).parents[4] / "shared" / "data"
"""Real recordings; not part of the project."""


def waves(
    channels: int = 2, seconds: float = 4.0, sfreq: float = 250.0, seed: int = 0
) -> npt.NDArray[np.float64]:
    """Rounded noise in microvolts: every format keeps two decimals."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 20, (channels, round(seconds * sfreq))).round(2)


def ramp(samples: int = 1000, sfreq: float = 250.0, lost: Sequence[Loss] = ()) -> Recording:
    """A recording whose sample i of channel 0 is i microvolts."""
    uv = np.stack([np.arange(samples), -np.arange(samples)]).astype(np.float32)
    return recording(name="ramp.edf", sfreq=sfreq, ch_names=["A", "B"], uv=uv, lost=lost)


def write_edf(
    path: Path,
    uv: npt.NDArray[np.float64],
    *,
    sfreq: float = 250.0,
    labels: Sequence[str] = ("EEG Fp1", "EEG Fp2"),
    units: Sequence[str] = ("uV", "uV"),
    prefiltering: str = "",
) -> Path:
    """EDF+ (with annotations), or BDF by the name's ending; `uv` in the units named."""
    from edfio import Bdf, BdfSignal, Edf, EdfSignal  # noqa: PLC0415

    if path.suffix == ".bdf":
        Bdf(
            [
                BdfSignal(row, sfreq, label=label, physical_dimension=unit)
                for row, label, unit in zip(uv, labels, units, strict=True)
            ]
        ).write(path)
    else:
        Edf(
            [
                EdfSignal(
                    row,
                    sfreq,
                    label=label,
                    physical_dimension=unit,
                    physical_range=(row.min() - 1e-3, row.max() + 1e-3),
                    prefiltering=prefiltering,
                )
                for row, label, unit in zip(uv, labels, units, strict=True)
            ],
            annotations=[],
        ).write(path)
    return path


def write_openbci(
    path: Path, uv: npt.NDArray[np.float64], *, index: Sequence[int] | None = None
) -> Path:
    """OpenBCI GUI v6 text at 250 Hz; `index` replaces the sample index column."""
    channels, samples = uv.shape
    count = [i % 256 for i in range(samples)] if index is None else index
    titles = [f"EXG Channel {c}" for c in range(channels)]
    lines = [
        "%OpenBCI Raw EXG Data",
        f"%Number of channels = {channels}",
        "%Sample Rate = 250 Hz",
        "%Board = OpenBCI_GUI$BoardCytonSerial",
        ", ".join(["Sample Index", *titles, "Accel Channel 0", "Timestamp"]),
    ]
    lines += [
        ", ".join([str(n), *(f"{v:.2f}" for v in row), "0.040", "1557936053329"])
        for n, row in zip(count, uv.T, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_muse(
    path: Path,
    uv: npt.NDArray[np.float64],
    *,
    times_s: npt.NDArray[np.float64] | None = None,
) -> Path:
    """Muse text at 256 Hz; `times_s` replaces the time stamps."""
    names = ["TP9", "AF7", "AF8", "TP10", "Right AUX"][: uv.shape[0]]
    stamps = np.arange(uv.shape[1]) / 256 + 1000.0 if times_s is None else times_s
    lines = [",".join(["timestamps", *names, "Marker0"])]
    lines += [
        f"{at:.3f}," + ",".join(f"{v:.2f}" for v in row) + ",0"
        for at, row in zip(stamps, uv.T, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_xdf(
    path: Path,
    uv: npt.NDArray[np.float64],
    *,
    sfreq: float = 256.0,
    kind: str = "EEG",
    unit: str = "microvolts",
) -> Path:
    """XDF 1.0 with one stream of doubles (github.com/sccn/xdf, «Specifications»)."""
    channels = uv.shape[0]
    described = "".join(
        f"<channel><label>CH{c}</label><type>EEG</type><unit>{escape(unit)}</unit></channel>"
        for c in range(channels)
    )
    head = (
        f"<info><name>Made</name><type>{kind}</type>"
        f"<channel_count>{channels}</channel_count>"
        f"<nominal_srate>{sfreq}</nominal_srate><channel_format>double64</channel_format>"
        f"<desc><channels>{described}</channels></desc></info>"
    )
    samples = b"".join(
        b"\x08" + struct.pack("<d", 50 + n / sfreq) + row.astype("<f8").tobytes()
        for n, row in enumerate(uv.T)
    )
    stream = struct.pack("<I", 1)
    path.write_bytes(
        b"XDF:"
        + _chunk(1, b"<info><version>1.0</version></info>")
        + _chunk(2, stream + head.encode())
        + _chunk(3, stream + b"\x04" + struct.pack("<I", uv.shape[1]) + samples)
        + _chunk(
            6,
            stream
            + f"<info><first_timestamp>50</first_timestamp><sample_count>{uv.shape[1]}"
            "</sample_count></info>".encode(),
        )
    )
    return path


def _chunk(tag: int, content: bytes) -> bytes:
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def read_only(uv: Microvolts) -> bool:
    """Whether nobody can write to it, nor to what it is a part of."""
    array: object = uv
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    return True
