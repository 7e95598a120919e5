"""Contact: whether the signal may drive a picture at all, and if not, why.

Pure: the state before and a window in; the state after and what is to be told out. The
threshold to freeze lies under the one to go on, so a value between them flips nothing.
"""

import msgspec

from actors.semantics.mood import USABLE
from protocols.eeg import ChannelQuality, ContactState, Phase, SourceState
from protocols.features import Features

FREEZE_BELOW = 0.25
GO_ON_FROM = 0.35
"""Trust in a window, 0 to 1: the features' confidence times the share of usable channels.

The confidence is of the channels that are used; without the share, one good electrode of
eight would drive a picture by itself.
"""

REASON_S = 1.0
"""Seconds between two tellings of a changed reason, at least."""

POOR = 0.5
"""Quality index under which a channel is named."""

_NAMED = 4
_FINE = (ContactState.GOOD,)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the contact."""

    frozen: bool = False
    why: tuple[tuple[str, ContactState], ...] = ()
    """Channels and what is wrong with them, as it was told last."""

    told_at: float = 0.0
    """Clock time of the last telling."""


def judged(
    before: Contact, features: Features, now: float
) -> tuple[Contact, SourceState | None]:
    """Take a window; say whether the contact holds, and what to tell of it.

    Args:
        before: what was known.
        features: the window.
        now: clock time, seconds.

    Returns:
        What is known now, and a change to tell, if there is one.
    """
    trusted = trust(features)
    if not before.frozen and trusted >= FREEZE_BELOW:
        return before, None
    if trusted >= GO_ON_FROM:
        state = SourceState(phase=Phase.STREAMING, reason="contact is back", at=now)
        return Contact(), state
    why = _poor(features)
    if before.frozen and (why == before.why or now - before.told_at < REASON_S):
        return before, None
    state = SourceState(phase=Phase.FROZEN, reason=reason_of(features), at=now)
    return Contact(frozen=True, why=why, told_at=now), state


def trust(features: Features) -> float:
    """Say how far a window may drive, 0 to 1."""
    if not features.quality:
        return features.confidence
    usable = sum([quality.index >= USABLE for quality in features.quality])
    return features.confidence * usable / len(features.quality)


def reason_of(features: Features) -> str:
    """Say in a sentence which channels are bad and how: `bad contact: Fp1 flat, …`."""
    poor = [
        f"{name} {quality.reason or quality.state.value}"
        for name, quality in zip(features.info.ch_names, features.quality, strict=False)
        if _is_poor(quality)
    ]
    if not poor:
        return f"bad contact: confidence {features.confidence:.2f}"
    more = f" and {len(poor) - _NAMED} more" if len(poor) > _NAMED else ""
    return f"bad contact: {', '.join(poor[:_NAMED])}{more}"


def _poor(features: Features) -> tuple[tuple[str, ContactState], ...]:
    return tuple(
        (name, quality.state)
        for name, quality in zip(features.info.ch_names, features.quality, strict=False)
        if _is_poor(quality)
    )


def _is_poor(quality: ChannelQuality) -> bool:
    return quality.index < POOR and quality.state not in _FINE
