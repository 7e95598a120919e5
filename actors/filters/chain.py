"""One signal's way through the filters: the bank, the monitor, and where the samples are.

In: chunks of one `SignalInfo`. Out: clean samples and quality. Pure: no clock, no actor.
"""

import msgspec

from actors.filters.bank import FilterBank, Samples
from actors.filters.monitor import ContactMonitor
from protocols.eeg import ChannelQuality, Microvolts, SignalInfo


class Cleaned(msgspec.Struct, frozen=True, eq=False):
    """A piece of signal after the chain."""

    uv: Samples
    """Double precision, microvolts."""

    quality: tuple[ChannelQuality, ...]


class Chain:
    """Cleans the consecutive samples of one signal and judges its channels.

    Args:
        info: the signal.
        mains_hz: where the notch is, 50 or 60 hertz.

    Raises:
        ValueError: the signal's sampling rate is too low to filter.
    """

    def __init__(self, info: SignalInfo, mains_hz: float) -> None:
        self.info = info
        self.bank = FilterBank(
            channels=len(info.ch_names), sfreq=info.sfreq, mains_hz=mains_hz
        )
        self._monitor = ContactMonitor(info.ch_names, info.sfreq, mains_hz)
        self._next: int | None = None

    def lost_before(self, first_sample: int) -> int | None:
        """Count the samples missing between the last chunk and the one that begins here.

        Args:
            first_sample: index of the new chunk's first sample.

        Returns:
            How many are missing; 0 where the signal went back (it began anew); None
            where nothing is missing or nothing was known.
        """
        if self._next is None or first_sample == self._next:
            return None
        return max(0, first_sample - self._next)

    def reset(self) -> None:
        """Forget what a gap makes untrue."""
        self.bank.reset()
        self._monitor.reset()
        self._next = None

    def set_mains(self, hz: float) -> None:
        """Move the notch to `hz`; all other memory stays."""
        self.bank.set_mains(hz)
        self._monitor.set_mains(hz)

    def clean(self, first_sample: int, uv: Microvolts | Samples) -> Cleaned:
        """Filter and judge the next samples.

        Args:
            first_sample: index of their first.
            uv: microvolts, shape (channels, samples).

        Raises:
            ValueError: not the signal's number of channels.
        """
        if uv.shape[0] != self.bank.channels:
            raise ValueError(f"{uv.shape[0]} channels in a signal of {self.bank.channels}")
        self._next = first_sample + uv.shape[1]
        raw, clean = self.bank.apply(uv)
        return Cleaned(clean, self._monitor.update(raw, clean))
