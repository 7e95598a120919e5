import struct

import msgspec
import pytest

from protocols.eeg import Phase
from protocols.sessions import SessionSettings, SessionView
from protocols.streams import StreamFrame
from sim.viewing import Seen, Viewing


def frame(
    *, driven: bool = True, captured_at: float = 1.0, topic: str = "sess_1"
) -> StreamFrame:
    latency = {"read": 4.0, "filter": 0.2, "encode": 0.3, "semantic": 0.1}
    latency |= {"queue": 1.0, "generate": 8.0, "deliver": 0.1, "codec": 0.0, "total": 13.7}
    if not driven:
        latency = {
            "queue": 1.0,
            "generate": 8.0,
            "deliver": 0.1,
            "codec": 0.0,
            "total": 9.1,
        }
    head = msgspec.msgpack.encode({"latency_ms": latency, "metadata": {"driven": driven}})
    return StreamFrame(
        topic=topic,
        kind="binary",
        sequence=1,
        payload=struct.pack(">I", len(head)) + head + b"jpeg",
        binary=True,
        captured_at=captured_at,
    )


def view(status: str, ended_at: float | None) -> SessionView:
    settings = SessionSettings(user_id="", device_type="", duration_s=1.0, model="")
    return SessionView(
        session="sess_1",
        settings=settings,
        status=status,
        phase=Phase.STREAMING,
        reason="because",
        created_at=0.0,
        ended_at=ended_at,
        images=0,
        last_activity_at=0.0,
        duration_s=0.0,
        mean_latency_s=None,
    )


def test_a_driven_frame_counts_by_stage_from_its_sample_to_its_viewer() -> None:
    seen = Seen(sessions={"sess_1": Viewing("sess_1", 0.0)})
    assert seen.take(frame(), 1.014) == pytest.approx(0.014)
    rows = {row.stage: row for row in seen.rows()}
    assert rows["read"].most_ms == 4.0
    assert rows["wish"].most_ms == pytest.approx(4.6)
    assert rows["frame"].most_ms == pytest.approx(14.0)
    assert {sum(row.counts) for row in rows.values()} == {1}


def test_a_frame_that_nobody_drove_has_no_latency() -> None:
    seen = Seen(sessions={"sess_1": Viewing("sess_1", 0.0)})
    assert seen.take(frame(driven=False), 5.0) is None
    assert seen.frames == 1
    assert all(sum(row.counts) == 0 for row in seen.rows())
    figures = seen.sessions["sess_1"].figures()
    assert (figures.frames, figures.driven, figures.first_frame_s) == (1, 0, 5.0)


def test_the_longest_time_between_two_frames_is_kept() -> None:
    seen = Seen(sessions={"sess_1": Viewing("sess_1", 0.0)})
    for at in (1.0, 1.1, 3.1, 3.2):
        seen.take(frame(), at)
    assert seen.sessions["sess_1"].longest_gap_s == pytest.approx(2.0)


def test_a_frame_of_an_unknown_session_counts_among_all() -> None:
    seen = Seen()
    seen.take(frame(topic="sess_9"), 1.1)
    assert seen.frames == 1


def test_what_the_session_manager_says_is_kept() -> None:
    viewing = Viewing("sess_1", 0.0)
    viewing.learn(view("failed", 7.0))
    figures = viewing.figures()
    assert (figures.status, figures.reason, figures.ended_s) == ("failed", "because", 7.0)
