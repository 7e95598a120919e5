from sim.report import LATENCY_LE_MS, quantile_ms


def counts(**at: int) -> list[int]:
    found = [0] * (len(LATENCY_LE_MS) + 1)
    for place, count in at.items():
        found[int(place[1:])] = count
    return found


def test_a_quantile_is_the_bound_of_its_bucket() -> None:
    assert quantile_ms(counts(b3=98, b7=2), 0.50, 18.0) == LATENCY_LE_MS[3]
    assert quantile_ms(counts(b3=98, b7=2), 0.99, 18.0) == 18.0


def test_a_quantile_is_never_above_the_most() -> None:
    assert quantile_ms(counts(b3=1), 0.5, 0.7) == 0.7


def test_above_the_last_bound_the_most_is_what_is_known() -> None:
    assert quantile_ms(counts(b20=1), 0.5, 31_000.0) == 31_000.0


def test_nothing_has_a_quantile_of_zero() -> None:
    assert quantile_ms(counts(), 0.5, 0.0) == 0.0
