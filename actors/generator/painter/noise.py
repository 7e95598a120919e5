"""Frozen randomness: endless textures of noise, made once, looked at from anywhere.

A texture is a square of float32 that repeats without a seam. A seed of a picture is a
place in these textures, so a change of seed is a journey and never a cut.
"""

from functools import lru_cache

import numpy as np

from actors.generator.painter.colour import Plane

SIDE = 512
"""Samples along a period of a texture at its finest."""

LINE = 4096
"""Samples along a period of a line."""

_SPECTRA = {
    "cloud": (1.75, 2.0),
    "swell": (1.5, 4.0),
    "grain": (0.9, 6.0),
    "rock": (2.15, 4.0),
    "ink": (2.3, 3.0),
}
"""Fall of the spectrum (power of frequency) and the lowest frequency, cycles a period."""


def _field(name: str) -> Plane:
    """Make gaussian noise with a falling spectrum, mean 0, deviation 1."""
    fall, lowest = _SPECTRA[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE)).astype(np.float32))
    across, down = np.fft.rfftfreq(SIDE, 1 / SIDE), np.fft.fftfreq(SIDE, 1 / SIDE)
    distance = np.hypot(across[None, :], down[:, None])
    spectrum *= np.where(distance >= lowest, np.maximum(distance, 1) ** -fall, 0)
    field = np.fft.irfft2(spectrum, (SIDE, SIDE))
    return np.asarray(field / field.std(), np.float32)


def _relief() -> Plane:
    """Make the light on rough rock: gullies lit from one side, about -1 to 1."""
    rough = -np.abs(_field("rock"))
    slope = np.roll(rough, 3, 1) - np.roll(rough, -3, 1)
    slope += 0.5 * (np.roll(rough, 3, 0) - np.roll(rough, -3, 0))
    slope /= 1.6 * slope.std()
    return np.asarray(np.clip(slope, -1.3, 1.3), np.float32)


@lru_cache(maxsize=32)
def texture(name: str, side: int = SIDE) -> Plane:
    """Give a texture of noise, mean about 0 and deviation about 1.

    Args:
        name: "cloud" (soft and large), "swell" (round waves), "grain" (fine), or
            "relief" (lit rock).
        side: samples along a period, a power of two up to `SIDE`.

    Returns:
        Shape (side + 1, side + 1), the last row and column being the first again.
    """
    if side < SIDE:
        fine = texture(name, side * 2)[:-1, :-1]
        square = fine.reshape(side, 2, side, 2).mean((1, 3), dtype=np.float32)
    else:
        square = _relief() if name == "relief" else _field(name)
    whole = np.pad(square, (0, 1), mode="wrap")
    whole.flags.writeable = False
    return whole


def level(samples: float) -> int:
    """Pick the side of a texture of which one period should have about `samples`."""
    side = 32
    while side < SIDE and side < samples:
        side *= 2
    return side


def sample(name: str, u: Plane, v: Plane, side: int = SIDE) -> Plane:
    """Look into a texture, smoothly.

    Every index is within the texture, so `mode="wrap"` changes nothing but the time: it
    takes half as long as checking them.

    Args:
        name: which texture.
        u: across, in periods; broadcasts with `v`.
        v: down, in periods.
        side: how fine, see `level`.

    Returns:
        Noise of the broadcast shape.
    """
    flat, row = texture(name, side).ravel(), side + 1
    across, down = u * np.float32(side), v * np.float32(side)
    left, top = np.floor(across), np.floor(down)
    across, down = across - left, down - top
    at = (top.astype(np.intp) & (side - 1)) * row + (left.astype(np.intp) & (side - 1))
    upper, lower = flat.take(at, mode="wrap"), flat[row:].take(at, mode="wrap")
    upper += (flat[1:].take(at, mode="wrap") - upper) * across
    lower += (flat[row + 1 :].take(at, mode="wrap") - lower) * across
    lower -= upper
    lower *= down
    upper += lower
    return np.asarray(upper)


def sample_nearest(name: str, u: Plane, v: Plane, side: int = SIDE) -> Plane:
    """Look into a texture at the nearest sample: a third of the work of `sample`."""
    flat, row = texture(name, side).ravel(), side + 1
    at = ((v * np.float32(side)).astype(np.intp) & (side - 1)) * row
    at = at + ((u * np.float32(side)).astype(np.intp) & (side - 1))
    return flat.take(at, mode="wrap")


def _wander(rng: np.random.Generator, fall: float, lowest: int) -> Plane:
    """Make a line of noise that repeats after `LINE` samples, deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(LINE))
    frequency = np.arange(spectrum.size)
    spectrum *= np.where(frequency >= lowest, np.maximum(frequency, 1.0) ** -fall, 0)
    line = np.fft.irfft(spectrum, LINE)
    return np.asarray(line / line.std(), np.float32)


@lru_cache(maxsize=8)
def line(name: str) -> Plane:
    """Give a line of noise that repeats, about 0 to 1.

    Args:
        name: "peaks" (sharp mountains), "hills" (round), "dunes" (long, with crests),
            "rough" (fine, mean 0).

    Returns:
        Shape (LINE + 1,), the last sample being the first again.
    """
    rng = np.random.default_rng(1000 + sum(map(ord, name)))
    match name:
        case "peaks":
            made = _peaks(rng)
        case "hills":
            made = 0.5 + 0.22 * _wander(rng, 2.2, 6)
        case "dunes":
            bend = _wander(rng, 2.6, 6)
            made = 0.35 + 0.3 * np.maximum(bend, -0.6 * bend) + 0.06 * bend
        case _:
            made = _wander(rng, 0.9, 40)
    whole: Plane = np.append(made, made[0]).astype(np.float32)
    whole.flags.writeable = False
    return whole


def _peaks(rng: np.random.Generator) -> Plane:
    """Pile up folded noise: sharp tops, wide valleys, rough flanks."""
    made = np.zeros(LINE, np.float32)
    gain = np.ones(LINE, np.float32)
    for octave, lowest in enumerate((10, 24, 60, 150, 380)):
        fold = 1 - np.abs(_wander(rng, 1.9, lowest)) * 0.75
        fold = np.maximum(fold, 0) ** 1.15
        made += fold * gain * 0.44**octave
        gain = np.clip(fold * 1.4, 0.25, 1).astype(np.float32)
    made -= made.min()
    return np.asarray(made / np.percentile(made, 99.8), np.float32)


def along(name: str, u: Plane) -> Plane:
    """Look along a line of noise at `u` periods, smoothly; shape of `u`."""
    values = line(name)
    at = u * np.float32(LINE)
    left = np.floor(at)
    index = left.astype(np.int64) & (LINE - 1)
    lower = values.take(index)
    return np.asarray(lower + (values.take(index + 1) - lower) * (at - left))
