"""Samples in a request's body, as microvolts. Pure."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from protocols.analysis import Samples
from protocols.eeg import Microvolts
from web.fields import Fields

CHANNELS_HIGH: Final = 256
SAMPLES_HIGH: Final = 500_000
"""Samples of a channel in one request: half an hour at 256 Hz."""

SFREQ_LOW, SFREQ_HIGH = 32.0, 20_000.0
_LARGEST_UV: Final = 1e9
_ALLOWED: Final = (
    f"1 to {CHANNELS_HIGH} lists, one a channel, of equally many finite microvolts, "
    f"1 to {SAMPLES_HIGH} each"
)


def samples_of(body: dict[str, Any], mains_hz: float) -> Samples:
    """Read `samples`, `sfreq`, `ch_names` and `mains_hz`.

    Args:
        body: the request's.
        mains_hz: where the body says none.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields(body)
    uv = matrix(fields, "samples")
    read = Samples(
        uv=uv,
        sfreq=fields.number("sfreq", low=SFREQ_LOW, high=SFREQ_HIGH),
        ch_names=names(fields, len(uv)),
        mains_hz=float(fields.choice("mains_hz", (50, 60), int(mains_hz))),
    )
    fields.finish()
    return read


def matrix(fields: Fields, name: str) -> Microvolts:
    """Read lists of microvolts, one a channel; what is wrong is noted in `fields`."""
    value = fields.raw(name)
    rows = value if isinstance(value, list) else []
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    shaped = 1 <= len(rows) <= CHANNELS_HIGH and len(widths) == 1
    if shaped and 1 <= widths.copy().pop() <= SAMPLES_HIGH and _are_numbers(rows):
        return frozen(np.array(rows, np.float64))
    fields.wrong(name, _ALLOWED)
    return frozen(np.zeros((1, 1)))


def names(fields: Fields, channels: int) -> tuple[str, ...]:
    """Read the channels' names; without any they are `ch1` and so on."""
    value = fields.raw("ch_names")
    if value is None:
        return tuple(f"ch{n + 1}" for n in range(channels))
    texts = value if isinstance(value, list) else []
    right = all(isinstance(text, str) and 0 < len(text) <= 40 for text in texts)  # noqa: PLR2004  # characters
    if not right or len(texts) != channels or len(set(texts)) != channels:
        fields.wrong("ch_names", f"{channels} different names of 1 to 40 characters")
        return tuple(f"ch{n + 1}" for n in range(channels))
    return tuple(texts)


def frozen(uv: npt.NDArray[np.floating]) -> Microvolts:
    """Samples as messages carry them: float32, contiguous, read-only."""
    own = np.ascontiguousarray(uv, np.float32)
    if own is uv:
        own = own.copy()
    own.flags.writeable = False
    return own


def _are_numbers(rows: list[Any]) -> bool:
    kinds = {kind for row in rows for kind in set(map(type, row))}
    return kinds <= {int, float} and all(
        min(row) >= -_LARGEST_UV and max(row) <= _LARGEST_UV for row in rows
    )
