from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sim.runtime.faults import LASTS_S, FaultFileError, Kind, at_random, read_faults


def file_of(folder: Path, text: str) -> Path:
    path = folder / "faults.toml"
    path.write_text(text)
    return path


def test_a_file_says_what_goes_wrong_when_and_where(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        """
        [[faults]]
        at_s = 30
        kind = "hang"
        path = "*/encoder"
        for_s = 8

        [[faults]]
        at_s = 1.5
        kind = "lost"
        path = "sess_0001:reader>filters"
        count = 3
        """,
    )
    hang, lost = read_faults(path)
    assert (hang.at_s, hang.kind, hang.path, hang.for_s) == (30, Kind.HANG, "*/encoder", 8)
    assert (lost.kind, lost.count, lost.during) == (Kind.LOST, 3, "message")


def test_a_file_without_faults_has_none(tmp_path: Path) -> None:
    assert read_faults(file_of(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[[faults]]\nat_s = 1\nkind = "crush"', "kinds are crash, hang"),
        ("[[faults]]\nat_s = 1", "missing required field `kind`"),
        ('[[faults]]\nat_s = -1\nkind = "hang"', ">= 0.0"),
        ('[[faults]]\nat_s = 1\nkind = "hang"\nfor_s = 0', "> 0.0"),
        ('[[faults]]\nat_s = 1\nkind = "lost"\ncount = 0', ">= 1"),
        ('[[faults]]\nat_s = 1\nkind = "hang"\nwho = "me"', "unknown field `who`"),
        ('[[faults]]\nat_s = 1\nkind = "hang"\nduring = "lunch"', "'lunch'"),
        ("faults = 3", "faults"),
        ("[[faults", "faults.toml"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(FaultFileError, match=r"faults\.toml") as caught:
        read_faults(file_of(tmp_path, text))
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultFileError, match="missing"):
        read_faults(tmp_path / "missing.toml")


def test_faults_at_random_come_as_often_as_the_rates_say() -> None:
    rates = {"crash": 6.0, "hang": 1.0, "lost": 0.0}
    faults = at_random(np.random.default_rng(1), rates, 60_000.0)
    counts = Counter(fault.kind for fault in faults)
    assert counts[Kind.CRASH] == pytest.approx(6000, rel=0.05)
    assert counts[Kind.HANG] == pytest.approx(1000, rel=0.1)
    assert set(counts) == {Kind.CRASH, Kind.HANG}


def test_faults_at_random_are_in_order_and_last_as_long_as_they_may() -> None:
    faults = at_random(np.random.default_rng(2), {"slow": 60.0, "hang": 60.0}, 600.0)
    assert [f.at_s for f in faults] == sorted(f.at_s for f in faults)
    assert all(0 <= fault.at_s < 600.0 for fault in faults)
    for fault in faults:
        least_s, most_s = LASTS_S[fault.kind]
        assert least_s <= fault.for_s <= most_s


def test_faults_at_random_follow_the_seed() -> None:
    first, again, other = (
        at_random(np.random.default_rng(seed), {"crash": 60.0}, 60.0) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_an_unknown_rate_is_named() -> None:
    with pytest.raises(ValueError, match="crush"):
        at_random(np.random.default_rng(1), {"crush": 1.0}, 60.0)
    with pytest.raises(ValueError, match="0 and more"):
        at_random(np.random.default_rng(1), {"crash": -1.0}, 60.0)
