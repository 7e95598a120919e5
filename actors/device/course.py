"""A reader's course, as arithmetic: state and event in, state and what to tell out.

What is told goes downstream in order: a `Gap` stands before the samples that it parts
from what came earlier.
"""

import enum
import math

import msgspec

from protocols.eeg import FilterInput, Gap, Phase, RawChunk, SignalInfo, SourceState

RETRY_MAX_S = 8.0
"""Longest wait between two attempts to open a device."""

REMIND_S = 2.0
"""While searching, the state is told again this often: viewers come late."""

OVERRUN_S = 10.0
"""A reader that was away longer than a source's ring has lost samples itself."""


class Wish(enum.Enum):
    """What the reader should do with its source at a tick."""

    OPEN = enum.auto()
    READ = enum.auto()
    NOTHING = enum.auto()


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """All that a reader remembers."""

    link: Phase = Phase.SEARCHING
    """SEARCHING, STREAMING or ENDED: where the source is, paused or not."""

    reason: str = "starting"
    at: float = 0.0
    """Clock time of the last change."""

    paused: bool = False
    retry_s: float
    """First wait after an attempt that failed; each further one doubles it."""

    wait_s: float
    """Wait after the next attempt that fails."""

    try_at: float = -math.inf
    """Clock time of the next attempt."""

    told_at: float = -math.inf
    """Clock time at which the state was last told."""

    gap: str = "restart"
    """Why the next opening begins with a gap: what an earlier life told is not known."""

    next_sample: int = 0
    """`first_sample` of the next chunk if nothing is lost."""

    read_at: float = -math.inf
    """Clock time of the last reading."""

    skipped: int = 0
    """Samples thrown away in a pause and not yet told of."""

    @property
    def state(self) -> SourceState:
        """What is told of it."""
        if self.paused and self.link is not Phase.ENDED:
            return SourceState(phase=Phase.PAUSED, reason="paused", at=self.at)
        return SourceState(phase=self.link, reason=self.reason, at=self.at)


Told = list[FilterInput]


def begin(retry_s: float) -> Course:
    """The course of a reader that has just come to life.

    Args:
        retry_s: first wait after an attempt that failed, seconds.
    """
    return Course(retry_s=retry_s, wait_s=retry_s)


def wish(course: Course, now: float) -> Wish:
    """What to do with the source now."""
    if course.link is Phase.STREAMING:
        return Wish.READ
    if course.link is Phase.SEARCHING and now >= course.try_at:
        return Wish.OPEN
    return Wish.NOTHING


def opened(course: Course, now: float, info: SignalInfo) -> tuple[Course, Told]:
    """The device is there."""
    gap = Gap(samples=0, reason=course.gap)
    course = _changed(
        msgspec.structs.replace(
            course,
            wait_s=course.retry_s,
            gap="reopened",
            next_sample=0,
            read_at=now,
            skipped=0,
        ),
        now,
        Phase.STREAMING,
        f"{info.device}: {len(info.ch_names)} channels at {info.sfreq:g} Hz",
    )
    return course, [gap, course.state]


def not_found(course: Course, now: float, why: str) -> tuple[Course, Told]:
    """An attempt to open failed, or the open device went away: wait, then try again."""
    course = msgspec.structs.replace(
        _changed(
            course, now, Phase.SEARCHING, f"{why}; trying again in {course.wait_s:g} s"
        ),
        try_at=now + course.wait_s,
        wait_s=min(RETRY_MAX_S, 2 * course.wait_s),
    )
    return course, [course.state]


def ended(course: Course, now: float, why: str) -> tuple[Course, Told]:
    """Nothing will ever come again."""
    course = _changed(course, now, Phase.ENDED, why)
    return course, [course.state]


def reminded(course: Course, now: float) -> tuple[Course, Told]:
    """Time passed without an event."""
    if course.link is not Phase.SEARCHING or now - course.told_at < REMIND_S:
        return course, []
    return msgspec.structs.replace(course, told_at=now), [course.state]


def paused(course: Course, now: float, *, on: bool) -> tuple[Course, Told]:
    """Somebody stops the samples, or lets them go on."""
    if on is course.paused:
        return course, []
    course = msgspec.structs.replace(course, paused=on, at=now, told_at=now)
    return course, [course.state]


def arrived(course: Course, now: float, chunk: RawChunk) -> tuple[Course, Told]:
    """The source gave a chunk."""
    lost = chunk.first_sample - course.next_sample
    after = chunk.first_sample + chunk.uv.shape[1]
    course = msgspec.structs.replace(course, next_sample=after)
    if course.paused:
        skipped = course.skipped + lost + chunk.uv.shape[1]
        return msgspec.structs.replace(course, skipped=skipped), []
    late = now - course.read_at > OVERRUN_S
    told: Told = []
    if course.skipped:
        told.append(Gap(samples=course.skipped + lost, reason="paused"))
    elif lost > 0:
        told.append(Gap(samples=lost, reason="overrun" if late else "device"))
    return msgspec.structs.replace(course, skipped=0), [*told, chunk]


def has_read(course: Course, now: float) -> Course:
    """All that one reading gave was taken."""
    return msgspec.structs.replace(course, read_at=now)


def _changed(course: Course, now: float, link: Phase, reason: str) -> Course:
    at = course.at if link is course.link and course.told_at > -math.inf else now
    return msgspec.structs.replace(course, link=link, reason=reason, at=at, told_at=now)
