"""What is said at `/api/v1/ingest/stream`, both ways: samples in, receipts out.

The query of the handshake may say what a message leaves out.
"""

from typing import Annotated, Any

import msgspec

CHANNELS = 256


class SamplesPushed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Consecutive samples of a session whose device is `ingest`."""

    session_id: str | None = None
    sfreq: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Hertz."""

    ch_names: Annotated[list[str], msgspec.Meta(max_length=CHANNELS)] | None = None
    mains_hz: float | None = None
    samples: list[list[float]]
    """Microvolts, a list for each channel, all of one length."""


class SamplesAccepted(
    msgspec.Struct, frozen=True, kw_only=True, tag="accepted", tag_field="type"
):
    """They wait for the reader."""

    session_id: str
    samples: int
    """Of each channel."""


class PushMistake(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong with a message."""

    code: str
    message: str
    details: dict[str, Any]


class PushRefused(msgspec.Struct, frozen=True, kw_only=True, tag="error", tag_field="type"):
    """None of a message's samples was taken. The connection stays."""

    error: PushMistake
