"""Muse text as muselsl and eeg-notebooks write it: a time stamp, then microvolts.

`timestamps,TP9,AF7,AF8,TP10,Right AUX[,Marker0]`. The rate is not in the file: it is
taken from the time stamps and put on the rate that the headband has.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from actors.device.formats.columns import columns
from actors.device.recording import PAUSE_S, Recording, losses_by_time, recording
from protocols.errors import RecordingError

MUSE_MAGIC = b"timestamps,"

MUSE_SFREQ_HZ = (256.0, 220.0)
"""Muse 2016 and later, Muse 2014."""

SNAP = 0.03
"""Relative distance from a headband's rate within which the file's is taken for it."""

_NOT_EEG = ("marker", "stim", "acc", "gyro", "ppg")


def load_muse(path: Path) -> Recording:
    """Read the EEG channels of a Muse text file, `Right AUX` among them.

    Raises:
        RecordingError: a line that cannot be read, or time stamps that do not rise.
    """
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    titles = [title.strip() for title in lines[0].split(",")]
    wanted = [
        column
        for column, title in enumerate(titles)
        if column > 0 and title and not title.lower().startswith(_NOT_EEG)
    ]
    if not wanted:
        raise RecordingError(f"{path.name}, line 1: names no EEG channel")
    table = columns(path.name, lines[1:], first_line=2, wanted=[0, *wanted])
    sfreq = _sfreq(path.name, table[0])
    return recording(
        name=path.name,
        sfreq=sfreq,
        ch_names=[titles[column] for column in wanted],
        uv=table[1:],
        lost=losses_by_time(table[0], sfreq),
    )


def _sfreq(name: str, times_s: npt.NDArray[np.float64]) -> float:
    """The headband's rate that the stamps fit between their pauses; else the stamps'."""
    steps = np.diff(times_s)
    steps = steps[steps <= PAUSE_S]
    mean_s = float(steps.mean()) if steps.size else 0.0
    if not mean_s > 0:
        raise RecordingError(f"{name}: its time stamps do not rise")
    for known in MUSE_SFREQ_HZ:
        if abs(1 / mean_s - known) <= SNAP * known:
            return known
    return round(1 / mean_s)
