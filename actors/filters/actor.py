"""Filter stage: raw EEG in, clean EEG and its quality out.

In: `FilterInput` from the reader. Out: `CleanChunk`s, and every `Gap` and `SourceState`,
to the encoder; clean chunks and states to viewers. A loss that only shows as a jump in
the sample numbers is announced downstream as a `Gap`, before the chunk that follows it.
A crash forgets the filters' memory, the monitor's floors and a mains that was set: the
next second is `SETTLING`.
"""

from typing import TypeAlias, assert_never

import numpy as np

from actors.filters.bank import design
from actors.filters.chain import Chain
from actors.stage import Stage
from protocols.eeg import CleanChunk, FilterInput, Gap, RawChunk, SetMains, SourceState
from protocols.features import EncoderInput
from protocols.ports import Clock, Mailbox

USUAL_SFREQ = 250.0
"""Hertz; only to have scipy loaded before the first chunk comes."""

FilterViewed: TypeAlias = CleanChunk | SourceState
"""What viewers of the filters get."""


class FilterActor(Stage):
    """Cleans one session's samples and passes them on.

    Args:
        clock: tells when a chunk was cleaned.
        mains_hz: where the notch is until a signal or `SetMains` says otherwise; what a
            `SetMains` said goes before what the signal says of itself.
        downstream: the encoder.
        viewer: who wants to look on, or None.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        mains_hz: float,
        downstream: Mailbox[EncoderInput],
        viewer: Mailbox[FilterViewed] | None = None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._usual_mains_hz = mains_hz
        self._set_mains_hz: float | None = None
        self._downstream = downstream
        self._viewer = viewer
        self._chain: Chain | None = None

    def setup(self) -> None:
        """Load scipy now: at the first chunk it would cost ten."""
        design(USUAL_SFREQ, self._usual_mains_hz)

    def handle(self, message: FilterInput) -> None:
        """Clean a chunk, follow the mains, or pass news on."""
        match message:
            case RawChunk():
                self._clean(message)
            case Gap():
                self._break_off(message)
            case SourceState():
                self._downstream.tell(message)
                if self._viewer is not None:
                    self._viewer.tell(message)
            case SetMains(hz=hz):
                self._set_mains_hz = hz
                if self._chain is not None:
                    self._chain.set_mains(hz)
            case _:
                assert_never(message)

    def _clean(self, chunk: RawChunk) -> None:
        chain = self._chain_of(chunk)
        lost = chain.lost_before(chunk.first_sample)
        if lost is not None:
            self._break_off(Gap(samples=lost, reason="device" if lost else "reopened"))
        cleaned = chain.clean(chunk.first_sample, chunk.uv)
        uv = cleaned.uv.astype(np.float32)
        uv.flags.writeable = False
        clean = CleanChunk(
            info=chunk.info,
            first_sample=chunk.first_sample,
            captured_at=chunk.captured_at,
            uv=uv,
            raw_uv=chunk.uv,
            quality=cleaned.quality,
            read_at=chunk.read_at,
            cleaned_at=self._clock.now(),
        )
        self._downstream.tell(clean)
        if self._viewer is not None:
            self._viewer.tell(clean)

    def _chain_of(self, chunk: RawChunk) -> Chain:
        """The chain of the chunk's signal: a new one where the signal is new."""
        chain = self._chain
        if chain is None or (chain.info is not chunk.info and chain.info != chunk.info):
            mains_hz = self._set_mains_hz or chunk.info.mains_hz or self._usual_mains_hz
            chain = self._chain = Chain(chunk.info, mains_hz)
        return chain

    def _break_off(self, gap: Gap) -> None:
        if self._chain is not None:
            self._chain.reset()
        self._downstream.tell(gap)
