"""One session's stream: what is known of it, and the messages made of that."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from actors.broadcaster.codec import concept, write_json
from protocols.eeg import CleanChunk, Microvolts, Phase, SourceState
from protocols.features import BANDS, Features
from protocols.generation import Picture
from protocols.meaning import Meaning
from protocols.streams import StreamKind
from protocols.wire import SignalsMessage, StatusMessage

SHOWN_HZ = 128.0
"""Signals are thinned to at most this rate for viewers."""

OFFSET_TIME_S = 2.0
"""Time constant of the offset that is taken off raw samples for viewers."""


@dataclass
class Stream:
    """One session, as its viewers see it."""

    sequence: int = 0
    watchers: dict[StreamKind, int] = field(default_factory=dict)
    state: SourceState | None = None
    said: bytes = b""
    """The newest status message, as viewers had it."""

    picture: Picture | None = None
    features: Features | None = None
    meaning: Meaning | None = None
    offset_uv: npt.NDArray[np.float32] | None = None

    def is_watched(self, kind: StreamKind) -> bool:
        """Whether anybody wants this form."""
        return self.watchers.get(kind, 0) > 0

    def status(self, state: SourceState, unix: Callable[[float], float]) -> bytes:
        """A status message."""
        return write_json(
            StatusMessage(
                status=state.phase.value,
                reason=state.reason,
                timestamp=unix(state.at),
                sequence=self.sequence,
            )
        )

    def end(self, reason: str, at: float) -> SourceState:
        """The state of a stream that is over."""
        self.state = SourceState(phase=Phase.ENDED, reason=reason, at=at)
        return self.state

    def signals(self, chunk: CleanChunk, unix: Callable[[float], float]) -> bytes:
        """A signals message of a chunk and of the newest that was made of those before."""
        every = max(1, int(np.ceil(chunk.info.sfreq / SHOWN_HZ)))
        skip = -chunk.first_sample % every
        raw = chunk.raw_uv - self._follow_offset(chunk)
        features, meaning = self.features, self.meaning
        return write_json(
            SignalsMessage(
                timestamp=unix(chunk.captured_at),
                device=chunk.info.device,
                sfreq=chunk.info.sfreq / every,
                ch_names=list(chunk.info.ch_names),
                first_sample=(chunk.first_sample + skip) // every,
                raw_uv=_rows(raw[:, skip::every]),
                clean_uv=_rows(chunk.uv[:, skip::every]),
                quality=[
                    {
                        "state": q.state.value,
                        "index": round(q.index, 3),
                        "reason": q.reason,
                    }
                    for q in chunk.quality
                ],
                bands=[name for name, _, _ in BANDS],
                relative=[] if features is None else _rows(features.relative, 4),
                z={}
                if features is None
                else {k: round(v, 3) for k, v in features.z.items()},
                baseline=0.0 if features is None else round(features.baseline, 3),
                entropy=0.0 if features is None else round(features.entropy, 4),
                asymmetry=None if features is None else features.asymmetry,
                confidence=0.0 if features is None else round(features.confidence, 3),
                arousal=0.0 if meaning is None else round(meaning.arousal.value, 4),
                valence=0.0 if meaning is None else round(meaning.valence.value, 4),
                concepts=[] if meaning is None else [concept(c) for c in meaning.concepts],
                causes=[]
                if meaning is None
                else [
                    {"feature": c.feature, "word": c.word, "change": round(c.change, 4)}
                    for c in meaning.causes
                ],
                prompt="" if meaning is None else meaning.prompt,
            )
        )

    def _follow_offset(self, chunk: CleanChunk) -> npt.NDArray[np.float32]:
        now = chunk.raw_uv.mean(axis=1, keepdims=True, dtype=np.float32)
        old = self.offset_uv
        if old is None or old.shape != now.shape:
            self.offset_uv = now
        else:
            share = min(1.0, chunk.raw_uv.shape[1] / (chunk.info.sfreq * OFFSET_TIME_S))
            self.offset_uv = old + np.float32(share) * (now - old)
        return self.offset_uv


def _rows(
    values: Microvolts | npt.NDArray[np.float32], digits: int = 1
) -> list[list[float]]:
    rows: list[list[float]] = np.round(values.astype(np.float64), digits).tolist()
    return rows
