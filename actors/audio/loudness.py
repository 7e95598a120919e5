"""Integrated loudness after ITU-R BS.1770-4: K-weighting, blocks of 400 ms, two gates.

The standard gives its two filters for 48 kHz. Here they are made anew for 44.1 kHz from
the analogue filters behind them, by the bilinear transform with the frequencies prewarped
(B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES
Convention 145 (2018); the same figures as in libebur128).

A recursive filter goes sample by sample, which is not for NumPy. So it is cut into runs of
90 samples: what a run makes of its own samples is one matrix product for all runs, and what
the past adds is four figures a run, handed on from run to run by doubling. The result is
that of the recursive filter, but for rounding.
"""

import functools
import math

import msgspec
import numpy as np

from actors.audio.partials import Figures, Samples
from protocols.sound import SFREQ

HOP = SFREQ // 10
"""Samples between the beginnings of two blocks."""

RUN = 90
"""Samples of a run; a hop is a whole number of them."""

_HOPS_A_BLOCK = 4
_OFFSET_LUFS = -0.691
_SILENT_LUFS = -70.0
_QUIETER_LU = -10.0

_SHELF_HZ, _SHELF_DB, _SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
_PASS_HZ, _PASS_Q = 38.13547087602444, 0.5003270373238773
_SHELF_BAND = 0.4996667741545416
"""Exponent of the shelf's gain in the middle of its slope."""

_FORGOTTEN = 1e-12
"""What of a run's end is left so many runs later that it need not be handed on."""


class LoudnessMeter:
    """Measures a stereo sound that is handed over chunk after chunk."""

    def __init__(self) -> None:
        self._state = np.zeros((2, _STATES))
        self._rest = np.empty((0, 2), np.float32)
        self._powers: list[Figures] = []

    def add(self, chunk: Samples) -> None:
        """Take the next samples, shape (samples, 2)."""
        joined = np.concatenate([self._rest, chunk]) if len(self._rest) else chunk
        whole = len(joined) // HOP * HOP
        self._rest = joined[whole:].copy()
        if whole:
            self._measure(joined[:whole])

    def integrated(self) -> float | None:
        """Give the loudness of all that was added, LUFS.

        Returns:
            None where it is shorter than a block, or all of it below -70 LUFS.
        """
        powers = np.concatenate(self._powers) if self._powers else np.empty(0)
        if powers.size < _HOPS_A_BLOCK:
            return None
        blocks = np.convolve(powers, np.full(_HOPS_A_BLOCK, 1.0 / _HOPS_A_BLOCK), "valid")
        heard = blocks[blocks > _power(_SILENT_LUFS)]
        if not heard.size:
            return None
        gate = _power(_loudness(float(heard.mean())) + _QUIETER_LU)
        return _loudness(float(heard[heard > gate].mean()))

    def _measure(self, chunk: Samples) -> None:
        """Weigh whole hops and keep the power of each, both channels together."""
        runs = np.ascontiguousarray(chunk.T).reshape(2, -1, RUN)
        weighed, self._state = k_weighting().filter(runs, self._state)
        hops = weighed.reshape(2, -1, HOP)
        self._powers.append(np.einsum("ijk,ijk->j", hops, hops).astype(np.float64) / HOP)


class RunFilter(msgspec.Struct, frozen=True, eq=False):
    """A recursive filter, as matrices for whole runs."""

    own: Samples
    """What a run's samples make of it, (RUN, RUN)."""

    kept: Samples
    """What they leave in the state, (RUN, states)."""

    past: Samples
    """What the state adds to a run, (states, RUN)."""

    aged: tuple[Figures, ...]
    """What becomes of a state in 1, 2, 4 ... runs, (states, states) each."""

    def filter(self, runs: Samples, state: Figures) -> tuple[Samples, Figures]:
        """Filter consecutive runs.

        Args:
            runs: shape (channels, runs, RUN).
            state: before the first, shape (channels, states).

        Returns:
            The filtered runs, and the state after the last.
        """
        states = np.concatenate([state[:, np.newaxis], runs @ self.kept], axis=1)
        for doubling, aged in enumerate(self.aged):
            far = 1 << doubling
            if far < states.shape[1]:
                states[:, far:] += states[:, :-far] @ aged
        out = runs @ self.own
        out += states[:, :-1].astype(np.float32) @ self.past
        return out, states[:, -1]


def _power(lufs: float) -> float:
    return math.pow(10.0, (lufs - _OFFSET_LUFS) / 10.0)


def _loudness(power: float) -> float:
    return _OFFSET_LUFS + 10.0 * math.log10(power)


_STATES = 4


@functools.cache
def k_weighting() -> RunFilter:
    """Give both filters of the standard, one after the other, at 44.1 kHz."""
    a, b, c, d = _in_series(*k_filters())
    powers = [np.eye(_STATES)]
    for _ in range(RUN):
        powers.append(a @ powers[-1])
    past = np.array([c @ power for power in powers[:RUN]]).T
    response = np.concatenate([[d], [c @ power @ b for power in powers[: RUN - 1]]])
    later = np.subtract.outer(np.arange(RUN), np.arange(RUN)).T
    own = np.where(later >= 0, response[np.abs(later)], 0.0)
    kept = np.array([power @ b for power in powers[RUN - 1 :: -1]])
    # In these coordinates a state is as large as what it adds: float32 loses nothing.
    past_base, size = np.linalg.qr(past.T)
    aged = [np.linalg.solve(size.T, powers[RUN].T @ size.T)]
    while np.abs(aged[-1]).max() > _FORGOTTEN:
        aged.append(aged[-1] @ aged[-1])
    return RunFilter(
        own=own.astype(np.float32),
        kept=(kept @ size.T).astype(np.float32),
        past=past_base.T.astype(np.float32),
        aged=tuple(aged),
    )


def _in_series(
    first: tuple[Figures, Figures], second: tuple[Figures, Figures]
) -> tuple[Figures, Figures, Figures, float]:
    """Give state-space matrices A, B, C, D of two second-order filters in a row."""
    a1, b1, c1, d1 = _state_space(*first)
    a2, b2, c2, d2 = _state_space(*second)
    a = np.block([[a1, np.zeros((2, 2))], [np.outer(b2, c1), a2]])
    return a, np.concatenate([b1, d1 * b2]), np.concatenate([d2 * c1, c2]), d1 * d2


def _state_space(b: Figures, a: Figures) -> tuple[Figures, Figures, Figures, float]:
    companion = np.array([[-a[1], -a[2]], [1.0, 0.0]])
    return companion, np.array([1.0, 0.0]), b[1:] - b[0] * a[1:], float(b[0])


def k_filters() -> tuple[tuple[Figures, Figures], tuple[Figures, Figures]]:
    """Give the shelf and the high-pass at 44.1 kHz: b and a of each, a[0] being 1."""
    return _shelf(SFREQ), _pass(SFREQ)


def _shelf(sfreq: float) -> tuple[Figures, Figures]:
    k = math.tan(math.pi * _SHELF_HZ / sfreq)
    high = math.pow(10.0, _SHELF_DB / 20.0)
    band = math.pow(high, _SHELF_BAND)
    a0 = 1.0 + k / _SHELF_Q + k * k
    b = [
        high + band * k / _SHELF_Q + k * k,
        2.0 * (k * k - high),
        high - band * k / _SHELF_Q + k * k,
    ]
    return np.array(b) / a0, _below(k, _SHELF_Q)


def _pass(sfreq: float) -> tuple[Figures, Figures]:
    # The numerator stays as the standard prints it, not brought to a gain of 1.
    k = math.tan(math.pi * _PASS_HZ / sfreq)
    return np.array([1.0, -2.0, 1.0]), _below(k, _PASS_Q)


def _below(k: float, q: float) -> Figures:
    a0 = 1.0 + k / q + k * k
    return np.array([a0, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]) / a0
