import pytest

from sim.script import SCRIPTS, step_at


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_goes_through_its_steps_and_round_again(name: str) -> None:
    steps = SCRIPTS[name]
    total_s = sum(step.seconds for step in steps)

    met = [step_at(name, t / 2)[0] for t in range(int(4 * total_s))]

    assert met == sorted(met)
    assert set(met) == set(range(2 * len(steps)))
    assert step_at(name, 0.0)[1] == step_at(name, total_s)[1] == steps[0].state


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_step_sets_the_whole_state(name: str) -> None:
    for step in SCRIPTS[name]:
        assert None not in (
            step.state.eyes_closed,
            step.state.relaxation,
            step.state.focus,
            step.state.drowsiness,
            step.state.pleasure,
        )


def test_wandering_meets_all_states() -> None:
    states = [step.state for step in SCRIPTS["wander"]]

    assert {state.eyes_closed for state in states} == {True, False}
    assert max(state.focus or 0 for state in states) > 0.9
    assert max(state.drowsiness or 0 for state in states) > 0.8
    assert max(state.pleasure or 0 for state in states) > 0.9
    assert min(state.pleasure or 0 for state in states) < -0.9
