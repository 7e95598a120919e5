"""OpenBCI GUI text: version 5 and 6 (`Raw EXG Data`) and version 4 (`Raw EEG Data`).

Values are microvolts. Time stamps come in bursts, as the dongle hands packets over, so
the nominal rate gives the timing; the board's sample index, which wraps round, tells of
lost packets. See docs.openbci.com, «OpenBCI GUI: File Format».
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from actors.device.formats.columns import columns
from actors.device.recording import Loss, Recording, recording
from protocols.errors import RecordingError

OPENBCI_MAGIC = b"%OpenBCI"

REGULAR = 0.9
"""Share of equal steps above which a sample index is believed to count packets."""

_RATE = re.compile(r"^%\s*Sample Rate\s*=\s*([\d.]+)", re.MULTILINE)
_CHANNELS = re.compile(r"^%\s*Number of channels\s*=\s*(\d+)", re.MULTILINE)


def load_openbci(path: Path) -> Recording:
    """Read the EXG channels of an OpenBCI text file.

    Raises:
        RecordingError: a header without rate or channels, or a line that cannot be read.
    """
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    head = 0
    while head < len(lines) and _is_head(lines[head]):
        head += 1
    header = "\n".join(lines[:head])
    rate, number = _RATE.search(header), _CHANNELS.search(header)
    if rate is None or number is None:
        raise RecordingError(
            f"{path.name}: its header names no sample rate or no number of channels"
        )
    names, wanted = _channels(lines[:head], int(number[1]))
    table = columns(path.name, lines[head:], first_line=head + 1, wanted=[0, *wanted])
    return recording(
        name=path.name,
        sfreq=float(rate[1]),
        ch_names=names,
        uv=table[1:],
        lost=_losses(table[0]),
    )


def _is_head(line: str) -> bool:
    return line.startswith(("%", "Sample Index")) or not line.strip()


def _channels(head: Sequence[str], number: int) -> tuple[list[str], list[int]]:
    """Names and columns of the EXG channels; version 4 has no line that names them."""
    titles = next((line for line in head if line.startswith("Sample Index")), "")
    named = [
        (title.strip(), column)
        for column, title in enumerate(titles.split(","))
        if title.strip().startswith("EXG Channel")
    ] or [(f"EXG Channel {i}", i + 1) for i in range(number)]
    return [name for name, _ in named], [column for _, column in named]


def _losses(index: npt.NDArray[np.float64]) -> tuple[Loss, ...]:
    """Losses by a sample index that counts up and wraps round (Cyton: 0 to 255).

    Not every board counts so (Ganglion repeats numbers); an index without one steady
    step tells nothing. A loss of more than one round is seen as its remainder.
    """
    if index.size < 3 or not np.isfinite(index).all():  # noqa: PLR2004  # two steps
        return ()
    counted = index.astype(np.int64)
    steps = np.diff(counted)
    step = int(np.median(steps))
    if step < 1:
        return ()
    wrap = int(counted.max()) - int(counted.min()) + step
    ahead = steps % wrap
    if np.mean(ahead == step) < REGULAR:
        return ()
    return tuple(
        Loss(column=int(at) + 1, samples=int(ahead[at]) // step - 1)
        for at in np.flatnonzero(ahead > step)
        if int(ahead[at]) // step > 1
    )
