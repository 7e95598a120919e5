"""How far a channel can be trusted, and why: the judgement.

In: the figures of one channel (`Case`) and what is too much among all (`Limits`). Out: its
`ChannelQuality`. Pure functions, no memory (that is `memories`).

The index is a product of one factor a sign (`index`). Each factor falls linearly from 1
where the sign begins to matter, so that the index moves smoothly; a flat or railed channel
has 0. The thresholds were set on published findings (see `artifacts`) and on four real
recordings: a wired board with 60-270 µV of hum that the notch removes, two dry headbands,
one of them with bad contact, and a clinical cap.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from actors.filters.artifacts import MAINS_HZ
from actors.filters.memories import FLAT_UV
from protocols.eeg import ChannelQuality, ContactState

SUPPLY_UV: Final = 180_000.0
"""Amplifiers of 24 bits and gain 24 end at ±187.5 mV; an offset of 62 mV is healthy."""

WILD_UV: Final = 1_000.0
"""Clean amplitude that no brain, eye or muscle reaches at the scalp."""

STUCK_SHARE: Final = 0.04
"""Of a second, spent exactly at the channel's all-time extreme: clipped."""

HUM_LEFT_UV: Final = 10.0
NOISE_FLOOR_UV: Final = 20.0
"""Lasting RMS above 20 Hz; that of a good contact is 2-9 µV."""

EMG_OVER_FLOOR: Final = 2.5
EMG_LIMITS_UV: Final = (8.0, 20.0)
"""The EMG threshold is 2.5 times the channel's own floor, within these."""

SWINGS_OVER_OTHERS: Final = 4.0
SWINGS_LIMITS_UV: Final = (40.0, 70.0)
"""RMS at 1-20 Hz is too much above four times the median channel's, within these: one
electrode that stands out is loose (after the PREP pipeline's deviation criterion,
Bigdely-Shamlo et al., Front. Neuroinform. 9, 2015); alpha lifts many at once."""

HUM_OVER_OTHERS: Final = 10.0
HUM_LIMITS_UV: Final = (30.0, 500.0)
"""Hum before the notch lowers trust above ten times the median channel's, within these."""

HUM_ROSE_UV: Final = 20.0
HUM_OVER_FLOOR: Final = 5.0
SWINGS_WITH_HUM_UV: Final = 25.0
"""What is too much where the hum rose to five times the channel's own floor."""


EMG_BEGINS: Final = 0.9
"""Share of the EMG threshold from which muscle lowers trust."""

FLOOR_BEGINS_UV: Final = 12.0
LEFT_OVER_BEGINS_UV: Final = 5.0
AMPLITUDE_BEGINS_UV: Final = 250.0
SWINGS_BEGIN: Final = 0.8
"""Share of the threshold for swings."""


class Case(msgspec.Struct, frozen=True):
    """The figures on which one channel is judged, microvolts but for `stuck`."""

    swing: float
    extreme: float
    stuck: float
    """Share of the last second at the all-time extreme."""
    hum_50: float
    hum_60: float
    hum_floor: float
    left_over: float
    emg: float
    emg_floor: float
    amplitude: float
    blink: float
    brain: float
    swings: float
    """The largest `brain` of late that no blink explains."""


_FIELDS = ("swing", "hum_50", "hum_60", "hum_floor", "emg_floor", "brain")
_SWING, _HUM_50, _HUM_60, _HUM_FLOOR, _EMG_FLOOR, _BRAIN = (
    Case.__struct_fields__.index(field) for field in _FIELDS
)


class Limits(msgspec.Struct, frozen=True):
    """What is too much, all channels considered."""

    notch_hz: float

    swings_uv: float
    """RMS at 1-20 Hz."""

    hum_uv: float
    """RMS before the notch."""

    @classmethod
    def among(cls, *, notch_hz: float, brain_uv: float, hum_uv: float) -> "Limits":
        """Set limits by what most channels show.

        Args:
            notch_hz: where the notch is.
            brain_uv: the median channel's usual RMS at 1-20 Hz.
            hum_uv: the median channel's RMS of hum.
        """
        return cls(
            notch_hz,
            within(SWINGS_OVER_OTHERS * brain_uv, SWINGS_LIMITS_UV),
            within(HUM_OVER_OTHERS * hum_uv, HUM_LIMITS_UV),
        )


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


def verdicts(
    columns: Sequence[Sequence[float]], limits: Limits
) -> tuple[ChannelQuality, ...]:
    """Judge all channels.

    Where even a channel with the worst figures of all would be flawless, all are: one
    question spares the judgement of each in nine verdicts of ten.

    Args:
        columns: of each field of `Case`, the figures of all channels.
        limits: what is too much.
    """
    worst = [max(column) for column in columns]
    for lowest in (_SWING, _HUM_FLOOR):
        worst[lowest] = min(columns[lowest])
    if _is_flawless(Case(*worst), limits, emg_limit(min(columns[_EMG_FLOOR]))):
        hum = columns[_HUM_50 if limits.notch_hz == MAINS_HZ[0] else _HUM_60]
        figures = zip(columns[_BRAIN], hum, strict=True)
        return tuple(
            [_good(round(brain_uv), round(hum_uv)) for brain_uv, hum_uv in figures]
        )
    return tuple([verdict(Case(*case), limits) for case in zip(*columns, strict=True)])


def verdict(case: Case, limits: Limits) -> ChannelQuality:
    """Judge one channel: the worst that is seen in it, with the figure.

    Args:
        case: its figures.
        limits: what is too much.
    """
    emg_uv = emg_limit(case.emg_floor)
    if _is_flawless(case, limits, emg_uv):
        hum = case.hum_50 if limits.notch_hz == MAINS_HZ[0] else case.hum_60
        return _good(round(case.brain), round(hum))
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
        hum = case.hum_50 if limits.notch_hz == MAINS_HZ[0] else case.hum_60
        state = ContactState.GOOD
        reason = f"{case.brain:.0f} µV RMS; {hum:.0f} µV of hum taken out"
    return ChannelQuality(state=state, index=index(case, limits, emg_uv), reason=reason)


def _is_flawless(case: Case, limits: Limits, emg_uv: float) -> bool:
    """Tell whether no sign begins to matter: good, and its index is 1."""
    return (
        case.blink == 0.0
        and case.emg <= EMG_BEGINS * emg_uv
        and case.emg_floor <= FLOOR_BEGINS_UV
        and case.left_over <= LEFT_OVER_BEGINS_UV
        and max(case.hum_50, case.hum_60) <= limits.hum_uv
        and case.amplitude <= AMPLITUDE_BEGINS_UV
        and case.swings <= SWINGS_BEGIN * swings_limit(case, limits)
        and _lost(case) is None
    )


@lru_cache(maxsize=4096)
def _good(brain_uv: int, hum_uv: int) -> ChannelQuality:
    """Say that a channel is flawless; the same words come again and again."""
    reason = f"{brain_uv} µV RMS; {hum_uv} µV of hum taken out"
    return ChannelQuality(state=ContactState.GOOD, index=1.0, reason=reason)


def within(value: float, limits: tuple[float, float]) -> float:
    """Give the nearest value within limits."""
    low, high = limits
    return min(max(value, low), high)


def emg_limit(floor_uv: float) -> float:
    """Give the RMS above which it is muscle, from the channel's own floor; microvolts."""
    return within(EMG_OVER_FLOOR * floor_uv, EMG_LIMITS_UV)


def swings_limit(case: Case, limits: Limits) -> float:
    """Give the RMS at 1-20 Hz above which an electrode is loose, microvolts.

    Hum that rose far above the channel's own floor makes large swings suspect even where
    all channels have them: a headset that slips.
    """
    hum = max(case.hum_50, case.hum_60)
    if hum >= HUM_ROSE_UV and hum >= HUM_OVER_FLOOR * case.hum_floor:
        return SWINGS_WITH_HUM_UV
    return limits.swings_uv


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
    swings_uv = swings_limit(case, limits)
    return (
        _left(case.emg, EMG_BEGINS * emg_uv, 3.0 * emg_uv, 0.1)
        * _left(case.emg_floor, FLOOR_BEGINS_UV, 40.0, 0.05)
        * _left(case.left_over, LEFT_OVER_BEGINS_UV, 20.0, 0.05)
        * _left(hum, limits.hum_uv, 4.0 * limits.hum_uv, 0.5)
        * _left(case.amplitude, AMPLITUDE_BEGINS_UV, WILD_UV, 0.0)
        * _left(case.blink, 50.0, 250.0, 0.4)
        * _left(case.swings, SWINGS_BEGIN * swings_uv, 1.5 * swings_uv, 0.1)
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
    hum = max(case.hum_50, case.hum_60)
    if case.left_over >= HUM_LEFT_UV and case.left_over > case.emg / 2:
        notch_hz = limits.notch_hz
        hz = MAINS_HZ[case.hum_60 > case.hum_50]
        if hz != notch_hz and hum > case.left_over:
            return f"mains hum {hum:.0f} µV RMS at {hz:g} Hz; the notch is at {notch_hz:g}"
        return f"mains hum: {case.left_over:.0f} µV RMS left by the notch"
    if case.emg_floor >= NOISE_FLOOR_UV:
        return f"lasting noise, {case.emg_floor:.0f} µV RMS above 20 Hz"
    if case.swings >= swings_limit(case, limits):
        return f"swings of {case.swings:.0f} µV RMS below 20 Hz, hum {hum:.0f} µV: loose?"
    return ""
