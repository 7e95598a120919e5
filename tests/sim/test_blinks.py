import numpy as np
import pytest

from sim.blinks import Blinks


def count(*, eyes_closed: bool = False, focus: float = 0.3, minutes: int = 20) -> float:
    """Blinks a minute."""
    blinks = Blinks(sfreq=250.0, rng=np.random.default_rng(2))
    seen = 0
    quiet = True
    for begin in range(0, minutes * 60 * 250, 25):
        wave = blinks.block(begin, begin + 25, eyes_closed=eyes_closed, focus=focus)
        now_quiet = wave is None
        seen += quiet and not now_quiet
        quiet = now_quiet
    return seen / minutes


def test_a_sitter_at_rest_blinks_about_fifteen_times_a_minute() -> None:
    assert count() == pytest.approx(15, abs=2)


def test_who_looks_hard_blinks_less() -> None:
    assert count(focus=1.0) < 0.7 * count()


def test_nobody_blinks_with_closed_eyes() -> None:
    assert count(eyes_closed=True) == 0


def test_a_blink_begins_where_it_is_told_and_ends() -> None:
    blinks = Blinks(sfreq=250.0, rng=np.random.default_rng(2))
    blinks.add(10)

    waves = [
        blinks.block(begin, begin + 25, eyes_closed=True, focus=0.0)
        for begin in range(0, 200, 25)
    ]

    first = waves[0]
    assert first is not None
    assert not first[:10].any()
    assert (first[10:] > 0).all()
    assert waves[-1] is None
