"""A typed client of Phosphene: `Phosphene` blocks, `TrioPhosphene` runs under Trio.

It needs httpx and trio-websocket (`pip install 'phosphene[client]'`). Trio is imported when
`TrioPhosphene` is asked for, so that who does not need it does not wait for it.
"""

from typing import TYPE_CHECKING

from phosphene.client.answers import (
    Generated,
    Health,
    KeptPreset,
    Modality,
    Moved,
    Output,
    Playing,
    Practice,
    PracticePage,
    Preset,
    Presets,
    Range,
    Ranges,
    Said,
    Sitting,
    SittingEnded,
    SittingMade,
    Sittings,
    SoundStatus,
    Spectrum,
    Stopped,
)
from phosphene.client.blocking import Phosphene
from phosphene.client.errors import (
    AnswerError,
    ApiError,
    ClientError,
    ConflictError,
    InvalidError,
    KeyRefusedError,
    NotThereError,
    StreamClosedError,
    TooManyError,
    UnavailableError,
    UnreachableError,
)
from phosphene.client.messages import Picture, SoundBlock, SoundFormat
from phosphene.client.patience import Patience
from phosphene.client.wishes import PracticeWish, SittingWish, SoundWish

if TYPE_CHECKING:
    from phosphene.client.under_trio import TrioPhosphene

__all__ = [
    "AnswerError",
    "ApiError",
    "ClientError",
    "ConflictError",
    "Generated",
    "Health",
    "InvalidError",
    "KeptPreset",
    "KeyRefusedError",
    "Modality",
    "Moved",
    "NotThereError",
    "Output",
    "Patience",
    "Phosphene",
    "Picture",
    "Playing",
    "Practice",
    "PracticePage",
    "PracticeWish",
    "Preset",
    "Presets",
    "Range",
    "Ranges",
    "Said",
    "Sitting",
    "SittingEnded",
    "SittingMade",
    "SittingWish",
    "Sittings",
    "SoundBlock",
    "SoundFormat",
    "SoundStatus",
    "SoundWish",
    "Spectrum",
    "Stopped",
    "StreamClosedError",
    "TooManyError",
    "TrioPhosphene",
    "UnavailableError",
    "UnreachableError",
]


def __getattr__(name: str) -> object:
    if name != "TrioPhosphene":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from phosphene.client.under_trio import TrioPhosphene  # noqa: PLC0415  # see above

    return TrioPhosphene
