"""Several voices for one output: their sum, held at or below full scale.

Where the sum would pass it, the gain goes down in steps of 10 ms, by straight lines that
end before it would; it comes back within a second.
"""

import numpy as np

from actors.audio.partials import Samples
from protocols.sound import SFREQ

STEP = SFREQ // 100
"""Samples between two corners of the gain's course."""

_BACK = 0.01
"""Most that the gain rises in a step."""


class Limiter:
    """Remembers the gain from one block to the next."""

    def __init__(self) -> None:
        self._gain = 1.0

    def limit(self, block: Samples) -> Samples:
        """Hold a sum at or below full scale.

        Args:
            block: shape (a multiple of `STEP`, 2); left as it is.

        Returns:
            The block itself where there is nothing to do.
        """
        steps = np.abs(block).reshape(-1, STEP * block.shape[1]).max(axis=1)
        if self._gain == 1.0 and steps.max(initial=0.0) <= 1.0:
            return block
        allowed = 1.0 / np.maximum(steps, 1.0)
        corners = np.empty(len(allowed) + 1)
        corners[0] = self._gain
        # A corner lies between two steps and must do for both.
        corners[1:-1] = np.minimum(allowed[:-1], allowed[1:])
        corners[-1] = allowed[-1]
        for k in range(1, len(corners)):
            corners[k] = min(corners[k], corners[k - 1] + _BACK)
        self._gain = float(corners[-1])
        places = np.arange(len(block)) / STEP
        gains = np.interp(places, np.arange(len(corners)), corners).astype(np.float32)
        # Only a block whose very first step is too loud is cut.
        limited: Samples = np.clip(block * gains[:, np.newaxis], -1.0, 1.0)
        return limited
