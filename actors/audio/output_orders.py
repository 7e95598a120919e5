"""What an output and its process say: the content of jobs and of answers.

In: what is wanted, and blocks of sound as the job's arrays. Out: what the device does.
"""

from typing import Final, Literal

import msgspec

from actors.apart.kind import Kind, Limits
from protocols.sound import SFREQ

MODULE: Final = "actors.audio.output_child"

MOST_BLOCKS: Final = 24
"""Of one job: as many as come in the longest wait that can be set."""

SHARED_BYTES: Final = 2 * 4 * SFREQ * 4
"""Four seconds: room for the blocks of a job."""

LIMITS: Final = Limits(
    start_s=15.0,
    answer_s=5.0,  # opening a device may take seconds
    heartbeat_answer_s=5.0,
    goodbye_s=0.3,  # to fade out in
    jobs=10**12,  # ten a second, and nobody wants a gap at each so many
)

Want = Literal["play", "drain"]
State = Literal["closed", "opening", "playing", "lost", "failed"]


class Head(msgspec.Struct, frozen=True, array_like=True):
    """Of a block; its samples are the job's array of the same place."""

    first_sample: int
    at: float
    """Clock time at which its first sample is due, seconds."""


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Play these, or play what you have and let the device go."""

    want: Want | None = None
    """None: prove that you live."""

    device: str = ""
    lead_s: float = 0.2
    """How long a sample waits from when it is due until it goes to the device."""

    look: bool = False
    """Whether the device is to be looked for, if it is not open."""

    heads: tuple[Head, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the device does."""

    pid: int
    state: State
    """`lost`: it was open and went away; `failed`: it could not be opened."""

    reason: str = ""
    hopeless: bool = False
    """Whether looking again is of no use: the library is missing."""

    underruns: int = 0
    """Since the process began."""

    late_s: float = 0.0
    """How much later than wanted it plays; below 0: earlier."""

    moved: int = 0
    """Samples that were left out (above 0) or put in to stay with our clock."""


write = msgspec.msgpack.Encoder().encode
read_order = msgspec.msgpack.Decoder(Order).decode
read_answer = msgspec.msgpack.Decoder(Answer).decode


def player(module: str = MODULE, limits: Limits = LIMITS) -> Kind:
    """The process that plays to one device; its tiny job asks how it is."""
    return Kind(
        module=module,
        tiny=write(Order()),
        shared_bytes=SHARED_BYTES,
        limits=limits,
        alone=True,  # some devices let one process in and no other
    )
