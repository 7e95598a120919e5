"""Scripts: what a sitter does when nobody tells it to.

A script is a round of steps; each sets the whole state, so that the same round comes out
however it was entered.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Literal, TypeAlias

import msgspec

from protocols.simulation import SetBrainState

ScriptName: TypeAlias = Literal["", "wander", "rest", "work", "sleepy"]
"""As in `RunScript`; the empty one leaves the sitter alone."""

NEUTRAL = SetBrainState(
    eyes_closed=False, relaxation=0.5, focus=0.3, drowsiness=0.0, pleasure=0.0
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A while in one state."""

    seconds: float
    state: SetBrainState


def _step(
    seconds: float,
    *,
    closed: bool = False,
    relaxation: float = 0.5,
    focus: float = 0.3,
    drowsiness: float = 0.0,
    pleasure: float = 0.0,
) -> Step:
    return Step(
        seconds=seconds,
        state=SetBrainState(
            eyes_closed=closed,
            relaxation=relaxation,
            focus=focus,
            drowsiness=drowsiness,
            pleasure=pleasure,
        ),
    )


SCRIPTS: Mapping[str, tuple[Step, ...]] = {
    "wander": (
        # At ease first: the encoder takes its baseline in the first half minute.
        _step(32, relaxation=0.8, focus=0.05, pleasure=0.5),
        _step(24, closed=True, relaxation=0.95, focus=0.05, pleasure=0.3),
        _step(18, relaxation=0.7, focus=0.3, pleasure=0.95),
        _step(18, relaxation=0.3, focus=0.95),
        _step(18, relaxation=0.1, focus=0.7, pleasure=-0.95),
        _step(22, closed=True, relaxation=0.7, focus=0.0, drowsiness=0.9),
    ),
    "rest": (
        _step(40, closed=True, relaxation=0.9, focus=0.05, pleasure=0.2),
        _step(20, relaxation=0.7, focus=0.15, pleasure=0.1),
    ),
    "work": (
        _step(45, relaxation=0.25, focus=0.9),
        _step(15, relaxation=0.5, focus=0.4, pleasure=0.3),
    ),
    "sleepy": (
        _step(20, relaxation=0.6, focus=0.1, drowsiness=0.4),
        _step(40, closed=True, relaxation=0.7, focus=0.0, drowsiness=0.95),
    ),
}


def step_at(name: str, elapsed_s: float) -> tuple[int, SetBrainState]:
    """Which step of a script it is, counted through all rounds, and its state.

    Args:
        name: of `SCRIPTS`.
        elapsed_s: seconds since the script began.
    """
    steps = SCRIPTS[name]
    ends = list(accumulate(step.seconds for step in steps))
    rounds, within_s = divmod(elapsed_s, ends[-1])
    index = next(i for i, end in enumerate(ends) if within_s < end)
    return int(rounds) * len(steps) + index, steps[index].state
