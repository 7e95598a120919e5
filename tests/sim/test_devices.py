import pytest

from protocols.errors import DeviceLostError, DeviceNotFoundError
from sim.brain import Brain
from sim.devices import Shelf, ShelvedHeadset


def headset(shelf: Shelf) -> ShelvedHeadset:
    return ShelvedHeadset(Brain(seed=7), 7, shelf)


def test_a_headset_that_is_gone_is_not_found_and_comes_back() -> None:
    shelf = Shelf()
    mine = headset(shelf)
    shelf.gone.add(7)
    with pytest.raises(DeviceNotFoundError, match="headset 7"):
        mine.open(0.0)
    shelf.gone.clear()
    mine.open(1.0)
    assert mine.read(1.1)


def test_a_headset_that_goes_is_lost() -> None:
    shelf = Shelf()
    mine = headset(shelf)
    mine.open(0.0)
    shelf.gone.add(7)
    with pytest.raises(DeviceLostError, match="headset 7"):
        mine.read(0.1)


def test_a_headset_notices_who_opens_it_twice() -> None:
    shelf = Shelf()
    first, second = headset(shelf), headset(shelf)
    first.open(0.0)
    assert shelf.twice == []
    second.open(1.0)
    assert shelf.twice == [7]


def test_one_after_the_other_is_not_twice() -> None:
    shelf = Shelf()
    first, second = headset(shelf), headset(shelf)
    first.open(0.0)
    first.close()
    second.open(1.0)
    first.close()  # safe, and not the other's
    assert shelf.twice == []
    assert shelf.open_ones() == [7]
