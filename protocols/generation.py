"""Generation: wishes to the pool, jobs to its workers, pictures to whoever waits."""

from typing import TypeAlias

import msgspec

from protocols.meaning import Meaning
from protocols.pictures import Painting, PictureWish


class Imagine(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A session's newest meaning wants to become a picture."""

    session: str
    meaning: Meaning
    wish: PictureWish
    deadline_at: float
    """Clock time after which nobody wants it any more."""


class PaintOnce(msgspec.Struct, frozen=True):
    """Paint a single picture and answer with `Painted` or `PaintFailed`."""

    wish: PictureWish


class ForgetSession(msgspec.Struct, frozen=True):
    """A session ended: drop its wishes and memory."""

    session: str


class WorkerReady(msgspec.Struct, frozen=True):
    """A worker has started (again) and has no job."""

    worker: str
    model: str


class CallRoll(msgspec.Struct, frozen=True):
    """A new life of the pool asks who is there (to its workers).

    What a worker has in hand is of a life before, and nobody waits for it. Once it has
    nothing in hand it answers with `WorkerReady`.
    """


class Paint(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A job for a worker."""

    job: int
    wish: PictureWish


class Painted(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A job is done."""

    job: int
    worker: str
    painting: Painting
    began_at: float
    done_at: float


class PaintFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A job cannot be done, and why."""

    job: int
    worker: str
    field: str
    reason: str


class Picture(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A session's new picture, on its way to the broadcaster."""

    session: str
    meaning: Meaning
    wish: PictureWish
    painting: Painting
    queued_at: float
    began_at: float
    done_at: float


class PoolStatus(msgspec.Struct, frozen=True):
    """Ask for the pool's figures; the answer is `PoolFigures`."""


class PoolFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the pool has done."""

    workers: int
    busy: int
    waiting: int
    painted: int
    superseded: int
    expired: int
    failed: int


PoolInput: TypeAlias = (
    Imagine | PaintOnce | ForgetSession | WorkerReady | Painted | PaintFailed | PoolStatus
)
WorkerInput: TypeAlias = Paint | ForgetSession | CallRoll
