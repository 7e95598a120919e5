"""The board of lives and deaths: keeps, logs and passes on."""

import logging

import pytest

from protocols.supervision import ChildEnded, ChildStarted, LifeEvent, SupervisorGaveUp
from supervisors.events import KEPT_EVENTS, EventBoard
from tests.probe import Probe

FELL = ChildEnded(path="root/a", life=3, normal=False, reason="ValueError('b')")


def test_every_watcher_hears_every_event_in_order() -> None:
    board = EventBoard()
    watchers: list[Probe[LifeEvent]] = [Probe(), Probe()]
    for watcher in watchers:
        board.watch(watcher)
    events: list[LifeEvent] = [ChildStarted(path="root/a", life=1), FELL]

    for event in events:
        board.tell(event)

    assert [watcher.all() for watcher in watchers] == [events, events]


def test_only_the_newest_events_are_kept() -> None:
    board = EventBoard()
    for life in range(KEPT_EVENTS + 5):
        board.tell(ChildStarted(path="root/a", life=life))

    assert len(board.newest) == KEPT_EVENTS
    assert board.newest[-1] == ChildStarted(path="root/a", life=KEPT_EVENTS + 4)


def test_a_failure_is_logged_with_its_reason_and_an_ordered_end_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    board = EventBoard()
    with caplog.at_level(logging.INFO):
        board.tell(ChildEnded(path="root/a", life=1, normal=True, reason=""))
        board.tell(FELL)
        board.tell(SupervisorGaveUp(path="root", reason="a fell again"))

    assert [record.getMessage() for record in caplog.records] == [
        "root/a (life 3) died: ValueError('b')",
        "root gives up: a fell again",
    ]
