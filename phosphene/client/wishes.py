"""What a client may ask for. What is left out is the server's to choose.

Fields, units and limits are the server's own: `/docs` shows them.
"""

from typing import Literal

import msgspec


class SittingWish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a sitting is to run."""

    duration_minutes: float | None = None
    model: str | None = None
    width: int | None = None
    """Pixels, 64 to 1024; so is the height."""

    height: int | None = None
    seed: int | None = None
    speed: float | None = None
    """Of a recording: times life."""

    loop: bool | None = None
    mains_hz: float | None = None
    """50 or 60."""

    window_s: float | None = None
    step_s: float | None = None
    pictures_hz: float | None = None
    """Pictures a second at most, 0.1 to 10."""

    sound: bool | None = None
    """Whether its features and its mood sound."""


class PracticeWish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a practice is to be."""

    name: str
    duration: float | None = None
    """Seconds until it ends by itself, once it has been started."""

    intention: str | None = None
    frequency: float | None = None
    """Hertz, 0.1 to 20,000."""

    modalities: tuple[str, ...] | None = None


class SoundWish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sound to render."""

    frequency: float | None = None
    """Hertz, 0.1 to 20,000."""

    duration: float | None = None
    """Seconds, 0.1 to 3,600."""

    volume: float | None = None
    """0 to 1: peak of what comes out."""

    prayer_bowl_mode: bool | None = None
    """True: a singing bowl; False: a plain tone."""

    harmonic_strength: float | None = None
    modulation_depth: float | None = None
    bowl: Literal["strike", "rub"] | None = None
    binaural_hz: float | None = None
    """Difference between the ears, hertz."""

    isochronic_hz: float | None = None
    """Pulses a second."""

    normalise_lufs: float | None = None
    """Integrated loudness to bring it to, -60 to 0."""

    seed: int | None = None
    preset: str | None = None
    """Id of a preset, for all that is not said."""
