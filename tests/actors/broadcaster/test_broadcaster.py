"""The broadcaster: encoded once, only what is watched; built, not started."""

import base64
import json
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
import simplejpeg

from actors.broadcaster.actor import Broadcaster
from actors.broadcaster.stream import Stream
from protocols.eeg import Phase, SourceState
from protocols.sessions import FrameSent, SessionsInput, SourceSeen
from protocols.streams import (
    BroadcastFigures,
    CloseStream,
    Demand,
    OpenStream,
    Seen,
    Status,
    StreamFrame,
    StreamKind,
)
from protocols.time import Tick
from protocols.wire import ImageMessage, SignalsMessage, StatusMessage
from tests.meanings import clean_chunk, features, meaning, picture
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock


class Bench:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.hub: Probe[StreamFrame] = Probe()
        self.sessions: Probe[SessionsInput] = Probe()
        self.streams = dict[str, Stream]()
        self.stage = self.life()
        self.stage.handle(OpenStream(session="s"))

    def life(self) -> Broadcaster:
        return Broadcaster(self.clock, self.hub, self.sessions, self.streams)

    def watch(self, kind: StreamKind, watchers: int = 1) -> None:
        self.stage.handle(Demand(session="s", kind=kind, watchers=watchers))


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.clock.advance(1.1)
    return bench


def image(frame: StreamFrame) -> ImageMessage:
    return msgspec.json.decode(frame.payload, type=ImageMessage)


def test_a_watched_picture_is_000s_documented_message(bench: Bench) -> None:
    bench.watch("json")
    bench.stage.handle(picture("s"))

    message: dict[str, Any] = json.loads(bench.hub.next(0.0).payload)
    assert message["type"] == "image"
    assert message["metadata"]["prompt"] == "a calm sea"
    assert message["metadata"]["confidence"] == 0.9
    pixels = simplejpeg.decode_jpeg(base64.b64decode(message["image_base64"]))
    assert pixels.shape == (64, 64, 3)
    assert abs(int(pixels.mean()) - 128) <= 2


def test_the_binary_form_is_a_head_and_the_same_picture(bench: Bench) -> None:
    bench.watch("json")
    bench.watch("binary")
    bench.stage.handle(picture("s"))

    text, binary = bench.hub.next(0.0), bench.hub.next(0.0)
    (size,) = struct.unpack(">I", binary.payload[:4])
    head = msgspec.msgpack.decode(binary.payload[4 : 4 + size], type=ImageMessage)
    said = image(text)
    assert binary.payload[4 + size :] == base64.b64decode(said.image_base64)
    assert msgspec.structs.replace(said, image_base64="") == head


def test_nothing_is_encoded_while_nobody_watches_but_the_picture_counts(
    bench: Bench,
) -> None:
    bench.stage.handle(picture("s"))

    assert bench.hub.all() == []
    sent = bench.sessions.next(0.0)
    assert isinstance(sent, FrameSent)
    assert (sent.sequence, sent.driven) == (1, True)
    assert sent.latency_s == pytest.approx(bench.clock.now() - 1.0)


def test_the_first_viewer_gets_the_newest_picture_at_once(bench: Bench) -> None:
    bench.stage.handle(picture("s", value=10))
    bench.stage.handle(picture("s", value=200))
    bench.watch("json")

    assert image(bench.hub.next(0.0)).sequence == 2
    bench.watch("json", 2)
    assert bench.hub.all() == []  # the door keeps it for the second


def test_latency_by_stage_sums_to_the_total(bench: Bench) -> None:
    bench.watch("json")
    bench.stage.handle(picture("s"))

    took = dict(image(bench.hub.next(0.0)).latency_ms)
    total = took.pop("total")
    assert total == pytest.approx(1e3 * (bench.clock.now() - 1.0), abs=0.01)
    assert sum(took.values()) == pytest.approx(total, abs=0.02)
    assert took["generate"] == pytest.approx(32.0)


def test_a_picture_that_nothing_drives_says_so(bench: Bench) -> None:
    bench.watch("json")
    bench.stage.handle(picture("s", meaning("mist, waiting", driven=False)))

    message = image(bench.hub.next(0.0))
    assert (message.metadata.driven, message.metadata.confidence) == (False, 0.0)
    assert message.captured_at == 0.0
    assert "read" not in message.latency_ms


def test_provenance_names_who_painted_and_what_drove(bench: Bench) -> None:
    bench.watch("json")
    bench.stage.handle(picture("s"))

    origin = image(bench.hub.next(0.0)).metadata
    assert (origin.model, origin.seed, origin.steps) == ("a-painter", 7, 12)
    assert origin.features == {"alpha": 1.8}
    assert origin.concepts == [{"word": "sea", "weight": 0.75, "because": "alpha +1.8 SD"}]
    assert origin.palette == ["#0080ff"]
    assert origin.mood["arousal"]["source"] == "a paper"


def test_a_change_of_the_source_is_told_once_and_is_lossless(bench: Bench) -> None:
    state = SourceState(phase=Phase.FROZEN, reason="Fp1 is flat", at=2.0)
    bench.stage.handle(Seen("s", state))
    bench.stage.handle(Seen("s", msgspec.structs.replace(state, at=3.0)))

    frames = bench.hub.all()
    assert {frame.kind for frame in frames} == {"json", "binary", "signals"}
    assert all(frame.control and not frame.binary for frame in frames)
    said = msgspec.json.decode(frames[0].payload, type=StatusMessage)
    assert (said.status, said.reason) == ("frozen", "Fp1 is flat")
    assert bench.sessions.all() == [SourceSeen(session="s", state=state)]


def test_a_first_viewer_is_told_the_status_as_it_was_then_the_picture(
    bench: Bench,
) -> None:
    state = SourceState(phase=Phase.FROZEN, reason="Fp1 is flat", at=2.0)
    bench.stage.handle(Seen("s", state))
    told = bench.hub.next(0.0)
    bench.hub.all()
    bench.stage.handle(picture("s"))
    bench.stage.handle(Seen("s", msgspec.structs.replace(state, at=3.0)))
    bench.watch("json")

    status, image = bench.hub.all()
    assert (status.control, status.kind, status.payload) == (True, "json", told.payload)
    assert not image.control
    bench.watch("json", 2)
    bench.watch("json", 0)
    assert bench.hub.all() == []
    bench.watch("signals")
    assert [frame.kind for frame in bench.hub.all()] == ["signals"]


def test_the_end_of_a_session_is_the_last_message_of_its_stream(bench: Bench) -> None:
    bench.stage.handle(CloseStream(session="s", reason="its 30 minutes are over"))
    bench.stage.handle(picture("s"))

    frames = bench.hub.all()
    assert [frame.last for frame in frames] == [True, True, True]
    said = msgspec.json.decode(frames[0].payload, type=StatusMessage)
    assert (said.status, said.reason) == ("ended", "its 30 minutes are over")
    assert bench.sessions.all() == []


def test_signals_are_thinned_and_free_of_the_offset(bench: Bench) -> None:
    bench.watch("signals")
    bench.stage.handle(Seen("s", features()))
    bench.stage.handle(Seen("s", meaning()))
    bench.stage.handle(Seen("s", clean_chunk(first_sample=25)))

    said = msgspec.json.decode(bench.hub.next(0.0).payload, type=SignalsMessage)
    assert said.sfreq == 125.0
    assert said.first_sample == 13  # sample 26 is the first even one
    assert said.clean_uv[0] == [1.0 + 2 * n for n in range(12)]
    assert np.abs(said.raw_uv).max() < 30  # of 62 mV
    assert [quality["state"] for quality in said.quality] == ["good", "flat"]
    assert said.relative == [[0.2] * 5] * 2
    assert said.prompt == "a calm sea"


def test_who_watches_signals_again_sees_nothing_of_before(bench: Bench) -> None:
    bench.watch("signals")
    bench.stage.handle(Seen("s", meaning("an old sea")))
    bench.watch("signals", 0)
    bench.watch("signals")
    bench.stage.handle(Seen("s", clean_chunk()))

    message = msgspec.json.decode(bench.hub.all()[-1].payload, type=SignalsMessage)
    assert message.prompt == ""


def test_chunks_of_any_length_make_one_even_signal(bench: Bench) -> None:
    bench.watch("signals")
    first, shown, index = 0, [], 0
    for samples in (25, 3, 1, 24, 26, 7):
        bench.stage.handle(Seen("s", clean_chunk(first_sample=first, samples=samples)))
        said = msgspec.json.decode(bench.hub.next(0.0).payload, type=SignalsMessage)
        assert said.first_sample == index
        index += len(said.clean_uv[0])
        shown += said.clean_uv[0]
        first += samples
    assert len(shown) == first // 2


def test_a_new_life_goes_on_counting(bench: Bench) -> None:
    bench.watch("json")
    bench.stage.handle(picture("s"))
    reborn = bench.life()
    reborn.handle(picture("s"))

    assert [image(frame).sequence for frame in bench.hub.all()] == [1, 2]


def test_what_belongs_to_no_stream_is_dropped(bench: Bench) -> None:
    bench.stage.handle(picture("gone"))
    bench.stage.handle(Seen("gone", clean_chunk()))
    bench.stage.handle(Demand(session="gone", kind="json", watchers=1))

    assert bench.hub.all() == []
    assert bench.sessions.all() == []


def test_late_and_missed_ticks_are_counted(bench: Bench) -> None:
    now = bench.clock.now()
    for number, late_s in ((0, 0.0), (1, 0.002), (4, 0.5)):
        bench.stage.handle(Tick(now - late_s, number))

    figures = bench.stage.handle(Status())
    assert isinstance(figures, BroadcastFigures)
    assert (figures.ticks, figures.missed_ticks) == (3, 2)
    assert figures.late_p99_ms == pytest.approx(500.0)
