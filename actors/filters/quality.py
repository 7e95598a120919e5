"""How far each channel can be trusted, and why.

In: raw and clean samples in chunks, microvolts. Out: one `ChannelQuality` a channel, anew
every 200 ms of signal. Causal: a verdict follows from the last second and from two slow
memories (each channel's own EMG floor, and the extremes it has ever reached), which
outlive a gap; the last second does not.

The index is a product of one factor a sign (`index`). Each factor falls linearly from 1
where the sign begins to matter, so that the index moves smoothly; a flat or railed channel
has 0. The thresholds were set on published findings (see `artifacts`) and on four real
recordings: a wired board with 60-270 µV of hum that the notch removes, two dry headbands,
one of them with bad contact, and a clinical cap.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.filters.artifacts import MAINS_HZ, Signs, eye_channels, gauge
from actors.filters.bank import Samples
from protocols.eeg import ChannelQuality, ContactState

EVERY_S: Final = 0.2

FLAT_UV: Final = 0.5
"""Peak to peak in a second; the noise of an electrode on skin alone is above it."""

SUPPLY_UV: Final = 180_000.0
"""Amplifiers of 24 bits and gain 24 end at ±187.5 mV; an offset of 62 mV is healthy."""

WILD_UV: Final = 1_000.0
"""Clean amplitude that no brain, eye or muscle reaches at the scalp."""

STUCK_SHARE: Final = 0.04
"""Of a second, spent exactly at the channel's all-time extreme: clipped."""

STUCK_RANGE_UV: Final = 200.0
"""A channel that never ranged further may repeat its extreme by coarse resolution."""

HUM_LEFT_UV: Final = 10.0
NOISE_FLOOR_UV: Final = 20.0
"""Lasting RMS above 20 Hz; that of a good contact is 2-9 µV."""

EMG_OVER_FLOOR: Final = 2.5
EMG_LIMITS_UV: Final = (8.0, 20.0)
"""The EMG threshold is 2.5 times the channel's own floor, within these."""

SWINGS_OVER_OTHERS: Final = 4.0
SWINGS_LIMITS_UV: Final = (40.0, 100.0)
"""RMS at 1-20 Hz is too much above four times the median channel's, within these: one
electrode that stands out is loose (after the PREP pipeline's deviation criterion,
Bigdely-Shamlo et al., Front. Neuroinform. 9, 2015); alpha lifts many at once."""

BLINKS_LAST_S: Final = 2.0
"""A slow wave that does not end is a movement; several blinks in a row are shorter."""

LEVEL_FALLS_S: Final = 1.0
LEVEL_RISES_S: Final = 5.0

BLINK_FORGIVEN_S: Final = 1.2
"""For so long after a blink its own swing is in the second that is looked at."""

HUM_OVER_OTHERS: Final = 10.0
HUM_LIMITS_UV: Final = (30.0, 500.0)
"""Hum before the notch lowers trust above ten times the median channel's, within these."""

SWINGS_FADE_S: Final = 3.0
"""A loose electrode rests now and then; its swings are forgotten with this constant."""

FLOOR_FALLS_S: Final = 0.5
FLOOR_RISES_S: Final = 60.0

BLINK_UV: Final = 70.0
BLINK_OVER_EMG: Final = 3.0
"""A slow wave on top of a muscle's burst is the muscle's."""

BLINK_CHANNELS: Final = 2
"""Eyes move two electrodes at once; a pop moves one."""


class ContactMonitor:
    """Judges one headset's channels as their samples come.

    Args:
        ch_names: names of the channels.
        sfreq: sampling rate, hertz.
        mains_hz: where the notch is.
    """

    def __init__(self, ch_names: Sequence[str], sfreq: float, mains_hz: float) -> None:
        channels = len(ch_names)
        self._sfreq = sfreq
        self._mains_hz = mains_hz
        self._gauge = gauge(sfreq, mains_hz)
        self._eyes = eye_channels(ch_names)
        self._empty = np.zeros((channels, 0))
        self._raw, self._clean = self._empty, self._empty
        self._floor: npt.NDArray[np.float64] | None = None
        self._top = np.full(channels, -np.inf)
        self._bottom = np.full(channels, np.inf)
        self._swings = np.zeros(channels)
        self._slow_for_s = np.zeros(channels)
        self._level: float | None = None
        self._blinked_ago_s = np.full(channels, np.inf)
        self._since = 0.0
        self._verdict: tuple[ChannelQuality, ...] = ()

    def reset(self) -> None:
        """Forget the last second (after a gap); the slow memories stay."""
        self._raw, self._clean = self._empty, self._empty
        self._swings = np.zeros_like(self._swings)
        self._since = 0.0

    def set_mains(self, hz: float) -> None:
        """Follow the bank's notch to `hz`."""
        self._mains_hz = hz
        self._gauge = gauge(self._sfreq, hz)

    def update(self, raw: Samples, clean: Samples) -> tuple[ChannelQuality, ...]:
        """Take the next samples.

        Args:
            raw: microvolts, shape (channels, samples).
            clean: the same samples, filtered.

        Returns:
            The newest verdict, one a channel.
        """
        need = self._gauge.samples
        self._raw = np.concatenate((self._raw, raw), axis=1)[:, -need:]
        self._clean = np.concatenate((self._clean, clean), axis=1)[:, -need:]
        have = self._raw.shape[1]
        if have < need:
            self._verdict = settling(len(raw), have / self._sfreq)
            self._since = EVERY_S
            return self._verdict
        self._since += raw.shape[1] / self._sfreq
        if self._since >= EVERY_S - 0.5 / self._sfreq:
            self._verdict = self._judge(self._gauge.measure(self._raw, self._clean))
            self._since = 0.0
        return self._verdict

    def _judge(self, signs: Signs) -> tuple[ChannelQuality, ...]:
        blink = self._blinks(signs)
        hum = signs.hum_uv.max(axis=0)
        figures = (
            signs.swing_uv,
            np.maximum(signs.high_uv, -signs.low_uv),
            self._stuck(signs),
            *signs.hum_uv,
            signs.left_over_uv,
            signs.emg_uv,
            self._track_floor(signs.emg_uv),
            signs.amplitude_uv,
            blink,
            signs.brain_uv,
            self._track_swings(signs.brain_uv),
        )
        limits = Limits(
            notch=self._mains_hz,
            swings=within(
                SWINGS_OVER_OTHERS * self._track_level(signs.brain_uv), SWINGS_LIMITS_UV
            ),
            hum=within(HUM_OVER_OTHERS * median(hum), HUM_LIMITS_UV),
        )
        # One crossing from numpy to Python: eight channels cost less as floats.
        cases = zip(*(figure.tolist() for figure in figures), strict=True)
        return tuple(verdict(Case(*case), limits) for case in cases)

    def _track_floor(self, emg: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Follow the EMG's floor: down at once, up slowly."""
        if self._floor is None:
            self._floor = emg.copy()
        passed = max(self._since, EVERY_S)
        tau = np.where(emg < self._floor, FLOOR_FALLS_S, FLOOR_RISES_S)
        self._floor = self._floor + (emg - self._floor) * -np.expm1(-passed / tau)
        return self._floor

    def _track_level(self, brain: npt.NDArray[np.float64]) -> float:
        """Follow the median channel's amplitude; a blink is over before it counts."""
        now = median(brain)
        if self._level is None:
            self._level = now
        tau = LEVEL_FALLS_S if now < self._level else LEVEL_RISES_S
        passed = max(self._since, EVERY_S)
        self._level += (now - self._level) * (1.0 - math.exp(-passed / tau))
        return self._level

    def _track_swings(self, brain: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Hold the largest swings of late that no blink explains."""
        faded = self._swings * np.exp(-max(self._since, EVERY_S) / SWINGS_FADE_S)
        unexplained = brain * (self._blinked_ago_s >= BLINK_FORGIVEN_S)
        self._swings = np.maximum(unexplained, faded)
        return self._swings

    def _stuck(self, signs: Signs) -> npt.NDArray[np.float64]:
        """Share of the last second that each channel spent at its all-time extreme."""
        self._top = np.maximum(self._top, signs.high_uv)
        self._bottom = np.minimum(self._bottom, signs.low_uv)
        ranged = self._top - self._bottom > STUCK_RANGE_UV
        ranged &= (signs.high_uv == self._top) | (signs.low_uv == self._bottom)
        if not ranged.any():
            return np.zeros(len(ranged))
        at_top = (self._raw == self._top[:, None]).mean(axis=1)
        at_bottom = (self._raw == self._bottom[:, None]).mean(axis=1)
        share: npt.NDArray[np.float64] = ranged * np.maximum(at_top, at_bottom)
        return share

    def _blinks(self, signs: Signs) -> npt.NDArray[np.float64]:
        """Slow wave of the channels that a blink moves now, 0 in others."""
        passed = max(self._since, EVERY_S)
        seen = signs.slow_uv >= BLINK_UV
        seen &= signs.slow_uv >= BLINK_OVER_EMG * signs.emg_uv
        self._slow_for_s = (self._slow_for_s + passed) * seen
        seen &= self._slow_for_s <= BLINKS_LAST_S
        front = seen & self._eyes
        alive = self._eyes & (signs.swing_uv >= FLAT_UV)
        if front.sum() < min(BLINK_CHANNELS, max(1, alive.sum())):
            # A headband's reference is on the forehead: the eyes move all the others.
            everywhere = seen.sum() >= max(BLINK_CHANNELS, (seen.size + 1) // 2)
            front = seen & everywhere
        self._blinked_ago_s += passed
        self._blinked_ago_s[front] = 0.0
        wave: npt.NDArray[np.float64] = signs.slow_uv * front
        return wave


class Case(msgspec.Struct, frozen=True):
    """The figures on which one channel is judged, microvolts but for `stuck`."""

    swing: float
    extreme: float
    stuck: float
    """Share of the last second at the all-time extreme."""
    hum_50: float
    hum_60: float
    left_over: float
    emg: float
    emg_floor: float
    amplitude: float
    blink: float
    brain: float
    swings: float
    """The largest `brain` of late that no blink explains."""


class Limits(msgspec.Struct, frozen=True):
    """What is too much, all channels considered."""

    notch: float
    """Hertz."""

    swings: float
    """RMS at 1-20 Hz, microvolts."""

    hum: float
    """RMS before the notch, microvolts."""


def settling(channels: int, have_s: float) -> tuple[ChannelQuality, ...]:
    """Say that there is too little signal to judge.

    Args:
        channels: how many.
        have_s: seconds of signal since the start or the gap.
    """
    quality = ChannelQuality(
        state=ContactState.SETTLING,
        index=0.0,
        reason=f"settling: {have_s:.1f} s of 1 s since the start or a gap",
    )
    return (quality,) * channels


def verdict(case: Case, limits: Limits) -> ChannelQuality:
    """Judge one channel: the worst that is seen in it, with the figure.

    Args:
        case: its figures.
        limits: what is too much.
    """
    emg_uv = emg_limit(case.emg_floor)
    lost = _lost(case)
    if lost is not None:
        state, reason = lost
        return ChannelQuality(state=state, index=0.0, reason=reason)
    noise = _noise(case, limits)
    if noise:
        state, reason = ContactState.NOISY, noise
    elif case.emg >= emg_uv:
        state = ContactState.MUSCLE
        reason = f"muscle {case.emg:.0f} µV RMS above 20 Hz"
    elif case.blink:
        state, reason = ContactState.BLINK, f"blink {case.blink:.0f} µV"
    else:
        hum = case.hum_50 if limits.notch == MAINS_HZ[0] else case.hum_60
        state = ContactState.GOOD
        reason = f"{case.brain:.0f} µV RMS; {hum:.0f} µV of hum taken out"
    return ChannelQuality(state=state, index=index(case, limits, emg_uv), reason=reason)


def median(figures: npt.NDArray[np.float64]) -> float:
    """Give the lower median; `np.median` takes ten times as long for eight channels."""
    ordered: list[float] = sorted(figures.tolist())
    return ordered[(len(ordered) - 1) // 2]


def within(value: float, limits: tuple[float, float]) -> float:
    """Give the nearest value within limits."""
    low, high = limits
    return min(max(value, low), high)


def emg_limit(floor_uv: float) -> float:
    """Give the RMS above which it is muscle, from the channel's own floor; microvolts."""
    return within(EMG_OVER_FLOOR * floor_uv, EMG_LIMITS_UV)


def index(case: Case, limits: Limits, emg_uv: float) -> float:
    """Multiply what each sign leaves of a channel.

    Args:
        case: its figures.
        limits: what is too much.
        emg_uv: RMS above which it is muscle.

    Returns:
        0 to 1.
    """
    hum = max(case.hum_50, case.hum_60)
    return (
        _left(case.emg, 0.9 * emg_uv, 3.0 * emg_uv, 0.1)
        * _left(case.emg_floor, 12.0, 40.0, 0.05)
        * _left(case.left_over, 5.0, 20.0, 0.05)
        * _left(hum, limits.hum, 4.0 * limits.hum, 0.5)
        * _left(case.amplitude, 250.0, WILD_UV, 0.0)
        * _left(case.blink, 50.0, 250.0, 0.4)
        * _left(case.swings, 0.8 * limits.swings, 1.5 * limits.swings, 0.1)
    )


def _left(sign: float, begins: float, lost: float, least: float) -> float:
    """Fall from 1 where a sign `begins` to matter to `least` where all is `lost`."""
    if sign <= begins:
        return 1.0
    return max(least, 1.0 - (1.0 - least) * (sign - begins) / (lost - begins))


def _lost(case: Case) -> tuple[ContactState, str] | None:
    """Flat or railed: nothing to be had from it."""
    if case.extreme >= SUPPLY_UV:
        limit = f"at the amplifier's limit: {case.extreme / 1000:.0f} mV"
        return ContactState.RAILED, limit
    if case.stuck >= STUCK_SHARE:
        return ContactState.RAILED, f"at its limit in {case.stuck:.0%} of the last second"
    if case.amplitude >= WILD_UV:
        return ContactState.RAILED, f"{case.amplitude:.0f} µV, outside physiology"
    if case.swing < FLAT_UV:
        return ContactState.FLAT, f"flat: {case.swing:.2f} µV peak to peak in 1 s"
    return None


def _noise(case: Case, limits: Limits) -> str:
    """Name the noise above the brain's own, or nothing."""
    hum, hz = max(zip((case.hum_50, case.hum_60), MAINS_HZ, strict=True))
    if case.left_over >= HUM_LEFT_UV and case.left_over > case.emg / 2:
        if hz != limits.notch and hum > case.left_over:
            return (
                f"mains hum {hum:.0f} µV RMS at {hz:g} Hz; the notch is at {limits.notch:g}"
            )
        return f"mains hum: {case.left_over:.0f} µV RMS left by the notch"
    if case.emg_floor >= NOISE_FLOOR_UV:
        return f"lasting noise, {case.emg_floor:.0f} µV RMS above 20 Hz"
    if case.swings >= limits.swings:
        return f"swings of {case.swings:.0f} µV RMS below 20 Hz, hum {hum:.0f} µV: loose?"
    return ""
