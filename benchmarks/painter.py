"""The painter: milliseconds for a picture, by size, on one thread.

    python benchmarks/painter.py [--rounds 8] [--sizes 128 256 512 1024]

A dozen prompts, each painted `rounds` times at each size; CPU time of this thread, so that
other work on the machine counts less. After one picture of each (textures and tree strips
are made once a process; `cold` is what the first pictures cost on top). In the same run, a
named alternative: `naive`, one sunset of the plainest kind, numpy in float64 at full size
with scipy's spline zoom for six octaves of noise and a power for sRGB, handed to Pillow for
its blur. It draws far less: a gradient, clouds and a sun.

Prediction before the first run: soft things are painted coarsely and stretched, so ours
takes 4 ms at 128, 8 ms at 256, 25 ms at 512 and 110 ms at 1024; naive 5, 18, 75 and 320.

Outcome: two shared cores, load average 1 to 3, five rounds; ms, p50 then p99:

    side      ours           naive
     128    4.8   9.2     12.7   13.4
     256    7.5  15.2     34.7   59.7
     512   12.1  24.4    124.2  152.1
    1024   48.7 105.3    590.8  939.6

So ours was as foretold at 128 and 256 and took half of what was foretold above; the naive
one was about twice as slow as foretold everywhere. Why was not looked into. `cold` was 353
and 517 ms in two runs.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from actors.generator.painter import Painter
from protocols.pictures import PictureWish

PROMPTS = (
    "calm deep blue ocean under a full moon, soft mist, violet and indigo light",
    "radiant sunlit meadow with flowers, golden light, warm",
    "calm sunrise over misty mountains and a lake",
    "storm of fire in a dark forest",
    "autumn forest by a lake",
    "milky way over mountains",
    "aurora over a frozen lake",
    "winter forest, snowfall",
    "mandala",
    "rothko, red and orange",
    "desert dunes at sunset",
    "zxcvb",
)
SIZES = (128, 256, 512, 1024)


def naive(side: int) -> npt.NDArray[np.uint8]:
    """Paint a sunset with noise clouds, all at full size in float64."""
    rng = np.random.default_rng(1)
    noise = np.zeros((side, side))
    for octave in range(6):
        lattice = rng.standard_normal((2 ** (octave + 2), 2 ** (octave + 2)))
        zoomed = ndimage.zoom(lattice, side / lattice.shape[0], order=3)
        noise += zoomed[:side, :side] * 0.55**octave
    y, x = np.mgrid[0:side, 0:side] / side
    low, high = np.array([1.0, 0.55, 0.25]), np.array([0.1, 0.12, 0.4])
    image = low + (high - low) * (1 - y[..., None])
    cover = np.clip((noise - 0.2) / 0.9, 0, 1)[..., None]
    image = image * (1 - cover) + np.array([0.9, 0.7, 0.6]) * cover
    image += np.exp(-((x - 0.6) ** 2 + (y - 0.6) ** 2) * 40)[..., None] * 0.8
    srgb = np.clip(image, 0, 1) ** (1 / 2.2)
    picture = Image.fromarray((srgb * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)))


def timed_ms(work: Callable[[], object]) -> float:
    """Run once; give this thread's CPU time in milliseconds."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e3


def line(name: str, side: int, times: list[float]) -> str:
    """Format one row of the table."""
    p50, p99 = np.percentile(times, [50, 99])
    return f"{name:>18} {side:>6} {p50:>9.2f} {p99:>9.2f} {max(times):>9.2f}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    asked = options.parse_args()
    painter = Painter()
    write = sys.stdout.write
    first = [PictureWish(prompt=prompt, width=64, height=64) for prompt in PROMPTS]
    cold = sum(timed_ms(lambda wish=wish: painter.paint(wish)) for wish in first)
    write(f"cold: {cold:.0f} ms for the first twelve pictures of 64 x 64\n")
    write(f"{'who':>18} {'side':>6} {'p50 ms':>9} {'p99 ms':>9} {'worst':>9}\n")
    for side in asked.sizes:
        wishes = [PictureWish(prompt=p, width=side, height=side) for p in PROMPTS]
        for wish in wishes:
            painter.paint(wish)
        naive(side)
        ours, theirs = [], []
        for _ in range(asked.rounds):
            ours += [timed_ms(lambda wish=wish: painter.paint(wish)) for wish in wishes]
            theirs += [timed_ms(lambda: naive(side)) for _ in range(2)]  # noqa: B023
        write(line(Painter.model, side, ours) + "\n" + line("naive", side, theirs) + "\n")


if __name__ == "__main__":
    main()
