"""Encoder stage: clean EEG in, features of a sliding window out.

In: `EncoderInput` from the filters. Out: `Features` every step once a whole window of
settled signal is there, and every `SourceState`, to the semantic engine; features to
viewers. A gap, a jump in the sample numbers, a new signal or a new window length empties
the window; only other electrodes and `TakeBaseline` forget the sitter's baseline.
A crash forgets both: 30 s without z-scores.
"""

from collections.abc import Callable
from typing import assert_never

import numpy as np

from actors.encoder.baseline import Baseline
from actors.encoder.measure import POOLED
from actors.encoder.projection import SCALE, project, signs
from actors.encoder.stream import Stream, WindowSettings
from actors.stage import Stage
from protocols.eeg import CleanChunk, Gap, SourceState
from protocols.features import EncoderInput, Features, SetWindow, TakeBaseline
from protocols.meaning import SemanticInput
from protocols.ports import Clock, Mailbox

LEAST_SD = 0.1 * SCALE
"""Of each pooled figure: below a tenth of the usual differences a spread is an accident."""


class EncoderActor(Stage):
    """Measures one session's windows and passes the features on.

    Args:
        clock: tells when a window was encoded.
        window_s: length of the window, 0.5 to 8 seconds: certainty.
        step_s: from one window to the next, 0.05 to 1 second: latency.
        downstream: the semantic engine.
        viewer: who wants to look on, or None.
        is_watched: whether anybody looks now. Where nobody does, features go without their
            vector: a sixth of the work.

    Raises:
        ValueError: a window or step outside these limits.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        window_s: float,
        step_s: float,
        downstream: Mailbox[SemanticInput],
        viewer: Mailbox[Features] | None = None,
        is_watched: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._settings = WindowSettings(window_s, step_s)
        self._downstream = downstream
        self._viewer = viewer
        self._is_watched = is_watched
        self._stream: Stream | None = None
        self._baseline = Baseline(LEAST_SD)

    def setup(self) -> None:
        """Make the projection now: at the first window it would cost ten."""
        signs()

    def handle(self, message: EncoderInput) -> None:
        """Slide the window, or change how."""
        match message:
            case CleanChunk():
                self._slide(message)
            case Gap():
                if self._stream is not None:
                    self._stream.reset()
            case SourceState():
                self._downstream.tell(message)
            case SetWindow(window_s=window_s, step_s=step_s):
                self._settings = WindowSettings(window_s, step_s)
                if self._stream is not None:
                    self._stream = Stream(self._stream.info, self._settings)
            case TakeBaseline():
                self._baseline.reset()
            case _:
                assert_never(message)

    def _slide(self, chunk: CleanChunk) -> None:
        stream = self._stream_of(chunk)
        if not stream.push(chunk):
            return
        features = self._encode(stream, chunk)
        self._downstream.tell(features)
        if self._viewer is not None:
            self._viewer.tell(features)

    def _stream_of(self, chunk: CleanChunk) -> Stream:
        """The stream of the chunk's signal: a new one where the signal is new."""
        stream = self._stream
        if stream is None or (stream.info is not chunk.info and stream.info != chunk.info):
            if stream is not None and stream.info.ch_names != chunk.info.ch_names:
                self._baseline.reset()
            stream = self._stream = Stream(chunk.info, self._settings)
        return stream

    def _encode(self, stream: Stream, chunk: CleanChunk) -> Features:
        figures = stream.measure()
        if figures.confidence > 0.0:
            self._baseline.add(figures.state, stream.advanced_s)
        z = self._baseline.z(figures.state)
        return Features(
            info=chunk.info,
            first_sample=stream.first_sample,
            captured_at=chunk.captured_at,
            absolute_uv2=read_only(figures.absolute_uv2),
            relative=read_only(figures.relative),
            asymmetry=figures.asymmetry,
            entropy=figures.entropy,
            z={
                name: deviation
                for name, deviation in zip(POOLED, z[: len(POOLED)].tolist(), strict=True)
                if deviation == deviation  # noqa: PLR0124  # not NaN, in a tenth of the time
            },
            baseline=self._baseline.progress,
            quality=stream.quality(),
            confidence=figures.confidence,
            vector=project(figures.state, z) if self._is_watched() else None,
            read_at=chunk.read_at,
            cleaned_at=chunk.cleaned_at,
            encoded_at=self._clock.now(),
        )


def read_only(figures: np.ndarray) -> np.ndarray:
    """Give figures as the messages carry them."""
    out = figures.astype(np.float32)
    out.flags.writeable = False
    return out
