"""How long messages took, counted by bucket."""

import math

import pytest

from actors.handled import Handled
from actors.inbox import Address
from actors.stage import Stage
from protocols.operators import HANDLING_LE_S, Histogram
from tests.supervisors.inline import InlineDispatcher
from tests.time_stand_ins import VirtualClock


class Slow(Stage):
    """Takes as long as it is told, by a clock that only it moves."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def handle(self, message: float) -> float:
        self._clock.advance(message)
        return message


def buckets(counts: tuple[int, ...]) -> dict[float, int]:
    """Counts that are not 0, by upper bound."""
    bounds = (*HANDLING_LE_S, math.inf)
    return {le: n for le, n in zip(bounds, counts, strict=True) if n}


@pytest.mark.parametrize(
    ("seconds", "le_s"),
    [
        (0.0, 1e-6),
        (1e-6, 1e-6),
        (1.1e-6, 4e-6),
        (0.01, HANDLING_LE_S[7]),
        (67.0, HANDLING_LE_S[-1]),
        (70.0, math.inf),
    ],
)
def test_a_message_is_counted_in_the_bucket_that_it_fits(
    seconds: float, le_s: float
) -> None:
    handled = Handled()
    handled.add(seconds, 1)

    assert buckets(handled.read().counts) == {le_s: 1}
    assert handled.read().seconds == seconds


def test_messages_of_a_slice_share_its_time() -> None:
    handled = Handled()
    handled.add(0.016, 16)
    handled.add(0.016, 1)

    seen = handled.read()
    assert buckets(seen.counts) == {HANDLING_LE_S[5]: 16, HANDLING_LE_S[7]: 1}
    assert seen.seconds == pytest.approx(0.032)


def test_an_actor_s_messages_are_all_counted_with_their_time() -> None:
    clock, inline = VirtualClock(), InlineDispatcher()
    address = Address("slow", clock)
    stage = Slow(clock)
    stage.launch(address, inline)
    inline.settle()
    assert stage.handled() == Histogram(counts=(0,) * 15, seconds=0.0)
    for seconds in (0.5, 0.001, 0.001):
        address.tell(seconds)
        inline.settle()
    for _ in range(40):  # more than a slice
        address.tell(0.25)
    inline.settle()

    seen = stage.handled()
    assert sum(seen.counts) == 43
    assert seen.seconds == pytest.approx(0.5 + 0.002 + 10.0)
    assert buckets(seen.counts) == {
        HANDLING_LE_S[5]: 2,
        HANDLING_LE_S[9]: 40,
        HANDLING_LE_S[10]: 1,
    }
    address.stop()
    inline.settle()


def test_a_quantile_is_the_bound_below_which_that_share_is() -> None:
    handled = Handled()
    handled.add(45e-6, 90)
    handled.add(1.0, 10)
    seen = handled.read()

    assert (seen.quantile(0.5), seen.quantile(0.9)) == (1e-6, 1e-6)
    assert seen.quantile(0.99) == HANDLING_LE_S[9]
    assert Histogram(counts=(0,) * 15, seconds=0.0).quantile(0.5) == 0.0
