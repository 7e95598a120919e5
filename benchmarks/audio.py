"""How many times faster than it sounds each sound is made: `python -m benchmarks.audio`.

One core (the thread pool of the linear algebra is set to one), 30 s a clip, stereo. A row
renders one mode with a known gain; `generate` is what an order costs: a pass that measures
peak and loudness, and one that renders. Live rows make blocks of a tenth of a second.

Beside, in the same run and in turns: the same partials, one `np.sin` a partial over the
whole clip in float64, with decay, strokes and the beating pair, for both ears. It is what
one writes first. The figure of a row is the best of its rounds (others use this
machine), the ratio is of the two bests.

Predicted: 15 to 30 ms for a bowl of 30 s, so 1,000 to 2,000 times real time, and some ten
times the naive way, which pays for a sine and an exponential a sample and partial.
Came, on a shared two-core machine (load 7) with 12 rounds: a struck bowl 10.8 ms (2,773
times real time), rubbed 22 ms, binaural 12 ms, isochronic 25 ms, a tone with overtones and
tremolo 21 ms, a pure one 3.5 ms; the naive bowl 914 ms (33 times real time; 64 times as
long where both took turns); `generate` 30 ms; a live block
0.04 ms, a sitting's 0.31 ms, the spectrum 71 us. With both cores busy all of it takes two
to three times as long.
Why: a bowl has 14 partials, and a row of 441 samples costs 28 multiplications a sample and
ear in one float32 product; the sines are computed once a row, not once a sample. What is
left is mostly memory: interleaving the ears and looking for the peak. Loudness costs as
much as rendering. A rubbed bowl has 21 partials whose levels move all the time, so it pays
the product twice.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import math
from collections.abc import Callable
from time import perf_counter

import click
import msgspec
import numpy as np

from actors.audio import bowl, lines
from actors.audio.clip import make_voice, measure_clip, render_clip
from actors.audio.envelopes import SteadyHand, Stroke
from actors.audio.partials import ROW
from actors.audio.sitting import SittingVoice
from actors.audio.spectrum import WINDOW, spectrum
from protocols.meaning import Meaning, MoodAxis
from protocols.sound import SFREQ, SoundConfig

SECONDS = 30.0
BLOCK = SFREQ // 10

BOWL = SoundConfig(frequency=136.1, duration=SECONDS)
TONE = msgspec.structs.replace(BOWL, prayer_bowl_mode=False)
MODES = {
    "bowl, struck": BOWL,
    "bowl, rubbed": msgspec.structs.replace(BOWL, bowl="rub"),
    "bowl, binaural 4 Hz": msgspec.structs.replace(BOWL, binaural_hz=4.0),
    "bowl, isochronic 6 Hz": msgspec.structs.replace(BOWL, isochronic_hz=6.0),
    "tone, overtones, tremolo": TONE,
    "tone, pure": msgspec.structs.replace(
        TONE, harmonic_strength=0.0, modulation_depth=0.0
    ),
}


def naively(config: SoundConfig) -> np.ndarray:
    """Render a struck bowl with a sine and an exponential a sample and partial."""
    rng = np.random.default_rng([config.seed, 0])
    modes = bowl.tuned(config.frequency)
    told = lines.struck(modes, config, rng)
    count = round(config.duration * SFREQ)
    at = np.arange(count) / SFREQ
    hand = SteadyHand(modes.hz.size, np.random.default_rng([config.seed, 1]))
    level = levels(modes.decay, hand.before(count // ROW), count)
    out = np.zeros((count, 2))
    for ear, turns in enumerate((told.turns, told.right_turns)):
        for line in range(told.hz.size):
            # A bank counts in cosines.
            phase = 2.0 * math.pi * (told.hz[line] * at + turns[line] + 0.25)
            out[:, ear] += told.weight[line] * level[told.mode[line]] * np.sin(phase)
    return out.astype(np.float32)


def levels(decay: np.ndarray, strokes: list[Stroke], count: int) -> np.ndarray:
    """Give how loud each mode is at each sample: one exponential a sample and mode."""
    level = np.empty((decay.size, count))
    now = np.zeros(decay.size)
    ends = [stroke.row * ROW for stroke in strokes[1:]] + [count]
    for stroke, end in zip(strokes, ends, strict=True):
        rung_s = np.arange(end - stroke.row * ROW) / SFREQ
        now += stroke.share * (1.0 - now)
        level[:, stroke.row * ROW : end] = now[:, None] * np.exp(-np.outer(decay, rung_s))
        now = now * np.exp(-decay * rung_s.size / SFREQ)
    return level


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Seconds of each, the best of its rounds; all take turns."""
    took = [math.inf] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            began = perf_counter()
            work()
            took[number] = min(took[number], perf_counter() - began)
    return took


def drain(config: SoundConfig, gain: float | None) -> None:
    """Render a clip and drop it."""
    for _ in render_clip(config, gain):
        pass


def awake() -> Meaning:
    """Give a busy sitting's meaning."""
    axis = MoodAxis(value=0.9, confidence=1.0, formula="", source="")
    return Meaning(
        captured_at=0.0,
        arousal=axis,
        valence=axis,
        concepts=(),
        causes=(),
        prompt="",
        palette=(),
        motion=0.8,
        confidence=1.0,
        driven=True,
        features={},
    )


def show(name: str, took_s: float, sounds_s: float, beside: str = "") -> None:
    """Print a row."""
    print(f"{name:34}{1000 * took_s:10.2f} ms{sounds_s / took_s:10.0f} x{beside}")


@click.command()
@click.option("--rounds", default=5, help="Of which the best counts.")
def main(rounds: int) -> None:
    """Print what each mode takes and how many times real time that is."""
    print(f"{SECONDS:.0f} s each, stereo, 44.1 kHz, one core")
    for name, config in MODES.items():
        (took,) = best(rounds, lambda config=config: drain(config, 0.5))  # type: ignore[misc]
        show(name, took, SECONDS)
    ours, naive = best(max(rounds // 2, 1), lambda: drain(BOWL, 0.5), lambda: naively(BOWL))
    show(
        "bowl, struck, np.sin a partial",
        naive,
        SECONDS,
        f"  ours {naive / ours:.0f} x faster",
    )
    (took,) = best(rounds, lambda: drain(BOWL, measure_clip(BOWL).gain))
    show("generate: measure, then render", took, SECONDS)
    print("a live block of 0.1 s")
    live, sitting = make_voice(BOWL), SittingVoice(1)
    sitting.steer(awake())
    for name, work in {
        "bowl, struck": lambda: live.render(BLOCK),
        "sitting, wide awake": lambda: sitting.render(BLOCK),
    }.items():
        (took,) = best(20 * rounds, work)
        show(name, took, 0.1)
    block = live.render(WINDOW)
    (took,) = best(20 * rounds, lambda: spectrum(block))
    print(f"{'spectrum of a block':34}{1e6 * took:10.0f} us")


if __name__ == "__main__":
    main()
