"""A sliding window over consecutive samples.

In: chunks, shape (channels, samples). Out: views of the newest window, without copying:
the samples lie in a buffer of several windows, and only when that is full is the newest
window moved to its front.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

WINDOWS: Final = 4
"""Length of the buffer in windows: a sample is moved once in three windows."""


class SlidingWindow:
    """The newest samples, and when the next window is due.

    Args:
        channels: how many.
        samples: length of a window.
        step: samples from one window to the next, at least 1.
    """

    def __init__(self, *, channels: int, samples: int, step: int) -> None:
        self.samples = samples
        self.step = step
        self._buffer = np.empty((channels, WINDOWS * samples))
        self._end = 0
        self._wait = samples

    def reset(self) -> None:
        """Forget all samples; the next window is due once it is full again."""
        self._end = 0
        self._wait = self.samples

    def push(self, chunk: npt.NDArray[np.floating]) -> None:
        """Append samples, shape (channels, any number)."""
        self._wait -= chunk.shape[1]
        count = chunk.shape[1]
        if count > self.samples:
            chunk, count = chunk[:, -self.samples :], self.samples
        if self._end + count > self._buffer.shape[1]:
            kept = min(self._end, self.samples)
            self._buffer[:, :kept] = self._buffer[:, self._end - kept : self._end]
            self._end = kept
        self._buffer[:, self._end : self._end + count] = chunk
        self._end += count

    def due(self) -> npt.NDArray[np.float64] | None:
        """Give the newest window if one is due, else None.

        Returns:
            A view, shape (channels, `samples`), true until the next `push`. Where a
            chunk was longer than a step, the windows in between are left out: only the
            newest is of use to a live picture.
        """
        if self._wait > 0:
            return None
        self._wait = self.step - (-self._wait) % self.step
        return self._buffer[:, self._end - self.samples : self._end]
