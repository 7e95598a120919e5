"""The sitter's baseline: taken from usable seconds, then followed."""

import numpy as np
import pytest

from actors.encoder.baseline import Baseline


def baseline(size: int = 1, **times: float) -> Baseline:
    return Baseline(np.full(size, 0.01), **times)


def sit(subject: Baseline, rows: np.ndarray, step_s: float = 0.1) -> None:
    for row in rows:
        subject.add(row, step_s)


def usual(count: int, *, mean: float = 2.0, sd: float = 0.5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, sd, (count, 1))


def test_nothing_is_known_before_thirty_seconds() -> None:
    subject = baseline()
    sit(subject, usual(299))

    assert subject.progress == pytest.approx(299 / 300)
    assert np.isnan(subject.z(np.array([2.0]))).all()


def test_after_thirty_seconds_deviations_are_in_standard_deviations() -> None:
    subject = baseline()
    sit(subject, usual(300))

    assert subject.progress == 1.0
    assert subject.z(np.array([2.0]))[0] == pytest.approx(0.0, abs=0.15)
    assert subject.z(np.array([3.0]))[0] == pytest.approx(2.0, abs=0.4)


def test_the_z_scores_of_the_baselines_own_windows_are_standard() -> None:
    subject, rows = baseline(), usual(300)
    sit(subject, rows)

    z = np.array([subject.z(row)[0] for row in rows])

    assert abs(np.median(z)) < 0.05
    assert z.std() == pytest.approx(1.0, abs=0.15)


def test_artefacts_in_a_tenth_of_the_time_hardly_move_it() -> None:
    clean, dirty = baseline(), baseline()
    rows = usual(300)
    sit(clean, rows)
    spoiled = rows.copy()
    spoiled[::10] = 50.0
    sit(dirty, spoiled)

    probe = np.array([3.0])
    assert dirty.z(probe)[0] == pytest.approx(clean.z(probe)[0], rel=0.25)


def test_it_follows_slowly() -> None:
    subject = baseline()
    sit(subject, usual(300))
    before = subject.z(np.array([3.0]))[0]
    sit(subject, usual(600, mean=3.0, seed=1))
    after_a_minute = subject.z(np.array([3.0]))[0]
    sit(subject, usual(12_000, mean=3.0, seed=2))
    after_twenty = subject.z(np.array([3.0]))[0]

    assert before > after_a_minute > 1.0
    assert after_twenty == pytest.approx(0.0, abs=0.2)


def test_one_monstrous_window_does_not_move_it() -> None:
    subject = baseline()
    sit(subject, usual(300))
    before = subject.z(np.array([3.0]))[0]
    subject.add(np.array([1e9]), 0.1)

    assert subject.z(np.array([3.0]))[0] == pytest.approx(before, abs=0.02)


def test_a_figure_that_stood_still_does_not_make_the_next_one_extraordinary() -> None:
    subject = Baseline(np.array([0.07]))
    sit(subject, np.full((300, 1), 1.0))

    assert subject.z(np.array([1.07]))[0] == pytest.approx(1.0)


def test_a_figure_that_was_not_there_is_taken_later_and_the_others_stay() -> None:
    subject = baseline(2)
    early = np.concatenate((usual(300), np.full((300, 1), np.nan)), axis=1)
    late = np.concatenate((usual(300), usual(300, mean=7.0)), axis=1)
    sit(subject, early)
    missing = subject.z(np.array([2.0, 7.0]))
    sit(subject, late)
    found = subject.z(np.array([2.0, 7.0]))

    assert np.isnan(missing[1])
    assert abs(missing[0]) < 0.2
    assert np.abs(found).max() < 0.3


def test_a_figure_that_goes_away_leaves_the_others() -> None:
    subject = baseline(2)
    sit(subject, np.concatenate((usual(300), usual(300, seed=5)), axis=1))
    sit(subject, np.concatenate((usual(300), np.full((300, 1), np.nan)), axis=1))

    z = subject.z(np.array([2.0, np.nan]))
    assert abs(z[0]) < 0.2
    assert np.isnan(z[1])
    assert abs(subject.z(np.array([2.0, 2.0]))[1]) < 0.3


def test_longer_steps_take_it_in_the_same_time() -> None:
    subject = baseline()
    sit(subject, usual(30), step_s=1.0)

    assert subject.progress == 1.0


def test_a_reset_forgets_the_sitter() -> None:
    subject = baseline()
    sit(subject, usual(300))
    subject.reset()

    assert subject.progress == 0.0
    assert np.isnan(subject.z(np.array([2.0]))).all()
