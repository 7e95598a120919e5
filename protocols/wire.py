"""Wire forms shared by the door and the broadcaster: what clients of the streams receive.

The image message is document 000's; what it does not show (`sequence`, `provenance`,
`latency_ms`, `status` and `signals` messages) is added, never in its place.
"""

from typing import Any, Literal

import msgspec


class ImageMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What 000 shows, and where the picture comes from."""

    prompt: str
    confidence: float
    driven: bool
    """False: nothing drives this picture (searching, or bad contact)."""

    model: str
    seed: int
    steps: int
    width: int
    height: int
    format: str
    """`jpeg`."""

    device: str
    concepts: list[dict[str, Any]]
    """`word`, `weight`, `because`."""

    mood: dict[str, Any]
    """`arousal` and `valence`: value, confidence, formula, source."""

    features: dict[str, float]
    known_words: list[str]
    motion: float
    palette: list[str]
    """`#rrggbb`."""


class ImageMessage(
    msgspec.Struct, frozen=True, kw_only=True, tag="image", tag_field="type"
):
    """One picture. In the binary form `image_base64` is empty and the bytes follow."""

    image_base64: str
    timestamp: float
    """Unix seconds at which it was published."""

    sequence: int
    captured_at: float
    """Unix seconds of the last sample that drove it; 0 where none did."""

    latency_ms: dict[str, float]
    """By stage: `read`, `filter`, `encode`, `semantic`, `queue`, `generate`, `codec`,
    `total`."""

    metadata: ImageMetadata


class StatusMessage(
    msgspec.Struct, frozen=True, kw_only=True, tag="status", tag_field="type"
):
    """What the source does."""

    status: Literal["searching", "streaming", "frozen", "paused", "ended"]
    reason: str
    timestamp: float
    sequence: int


class SignalsMessage(
    msgspec.Struct, frozen=True, kw_only=True, tag="signals", tag_field="type"
):
    """100 ms of EEG and what was made of it, for the live page (`?format=signals`)."""

    timestamp: float
    device: str
    sfreq: float
    """Hertz of the samples below (decimated to at most 128 for display)."""

    ch_names: list[str]
    first_sample: int
    """Index in the decimated signal."""

    raw_uv: list[list[float]]
    """Channels, then samples, offset removed."""

    clean_uv: list[list[float]]
    quality: list[dict[str, Any]]
    """`state`, `index`, `reason`, one a channel."""

    bands: list[str]
    relative: list[list[float]]
    """Channels, then the five bands."""

    z: dict[str, float]
    baseline: float
    entropy: float
    asymmetry: float | None
    confidence: float
    arousal: float
    valence: float
    concepts: list[dict[str, Any]]
    causes: list[dict[str, Any]]
    prompt: str
