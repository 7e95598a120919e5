import math
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from actors.journal.lines import entry_of, line_of
from protocols.supervision import (
    ChildEnded,
    EntriesLost,
    LifeEvent,
    ProcessStalled,
    RestartSpent,
    SupervisorChanged,
    SupervisorGaveUp,
)
from tests.actors.journal.entries import entry
from tests.actors.journal.happenings import events


@given(events, st.none() | st.integers(1, 10**12))
def test_an_entry_is_one_line_and_comes_back_as_it_was(
    event: LifeEvent, cause: int | None
) -> None:
    told = entry(7, event, cause)

    line = line_of(told)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert entry_of(line) == (told, "")


def test_a_traceback_stays_on_its_line() -> None:
    end = ChildEnded(path="a", life=1, normal=False, reason="x", trace="one\ntwo\r\n\x85")

    line = line_of(entry(1, end))

    assert line.count(b"\n") == 1
    assert entry_of(line) == (entry(1, end), "")


def test_infinite_seconds_come_back() -> None:
    spent = RestartSpent(
        path="a", child="b", spent=1, of=3, within_s=math.inf, wait_s=-math.inf
    )

    assert entry_of(line_of(entry(1, spent))) == (entry(1, spent), "")


def test_what_utf_8_cannot_say_is_escaped() -> None:
    found, reason = entry_of(line_of(entry(1, SupervisorGaveUp(path="\udc80", reason=""))))

    assert found == entry(1, SupervisorGaveUp(path=r"\udc80", reason=""))
    assert reason == ""


def test_infinity_among_flags_is_spelled() -> None:
    changed = SupervisorChanged(path="a", before={"within_s": math.inf}, after={"n": 3})

    found, _ = entry_of(line_of(entry(1, changed)))

    assert found is not None
    assert isinstance(found.event, SupervisorChanged)
    assert found.event.before == {"within_s": "inf"}


@pytest.mark.parametrize("nonsense", [object(), "nine", {1: object()}])
def test_an_entry_that_cannot_be_told_is_told_as_lost(nonsense: object) -> None:
    found, _ = entry_of(line_of(entry(9, ProcessStalled(seconds=cast("Any", nonsense)))))

    assert found is not None
    assert found.number == 9
    assert isinstance(lost := found.event, EntriesLost)
    assert (lost.first, lost.last) == (9, 9)
    assert "ProcessStalled" in lost.reason


@given(st.binary())
def test_no_line_makes_reading_fail(line: bytes) -> None:
    found, reason = entry_of(line)

    assert found is not None or reason


@given(events, events, st.data())
def test_a_line_behind_a_torn_one_is_saved_and_the_torn_one_told(
    torn: LifeEvent, whole: LifeEvent, data: st.DataObject
) -> None:
    line = line_of(entry(1, torn))
    cut = data.draw(st.integers(1, len(line) - 2))

    found, reason = entry_of(line[:cut] + line_of(entry(2, whole)))

    assert found == entry(2, whole)
    assert f"{cut} bytes" in reason
