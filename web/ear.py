"""The newest spectrum of what sounds, for the 10 Hz broadcast.

In: what the synth hears itself play. Out: the bins of now. One box with one value: a newer
one takes its place, and one that is old is silence, so that a synth that falls is not heard
for ever. A crash forgets it.
"""

from typing import Final, final

from protocols.sound import SPECTRUM_BINS, SpectrumHeard

OLD_S: Final = 0.3
"""A spectrum older than this is of nothing that sounds."""

SILENCE: Final = (0.0,) * SPECTRUM_BINS


@final
class Ear:
    """Fills `Mailbox[SpectrumHeard]`. Any thread: one assignment, one look."""

    def __init__(self) -> None:
        self._heard = SpectrumHeard(SILENCE, -OLD_S)

    def tell(self, message: SpectrumHeard, /) -> None:
        """Hear what sounds."""
        self._heard = message

    def bins(self, now: float) -> tuple[float, ...]:
        """What sounds: 64 figures from 0 to 1; zeros in silence.

        Args:
            now: clock time, seconds.
        """
        heard = self._heard
        return heard.bins if now - heard.at <= OLD_S else SILENCE
