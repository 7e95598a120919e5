"""Await an actor's answer from Trio, without a thread that waits."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

import trio

from protocols.errors import ExpiredError, PhospheneError, RefusedError
from protocols.ports import Askable, Reply

M = TypeVar("M")
_LOG: Final = logging.getLogger(__name__)


class NoAnswerError(PhospheneError):
    """An actor did not answer.

    Args:
        message: for the client.
        timed_out: it may still be at work on it.
        retry_after_s: when it may be worth another try.
    """

    def __init__(
        self, message: str, *, timed_out: bool = False, retry_after_s: float = 1.0
    ) -> None:
        super().__init__(message)
        self.timed_out = timed_out
        self.retry_after_s = retry_after_s


async def ask(address: Askable[M], message: M, *, timeout_s: float) -> Any:  # noqa: ANN401  # as many types as questions
    """Ask an actor and await what it answers.

    Args:
        address: whom to ask.
        message: what.
        timeout_s: seconds to wait.

    Raises:
        NoAnswerError: the inbox is full, it did not answer in time, or died over it.
    """
    return await answer_of(
        lambda: address.ask(message, timeout_s=timeout_s),
        type(message).__name__,
        timeout_s=timeout_s,
    )


async def answer_of(
    question: Callable[[], Reply],
    name: str,
    *,
    timeout_s: float,
    passed: tuple[type[Exception], ...] = (),
) -> Any:  # noqa: ANN401  # as above
    """Ask, and await what is answered.

    Args:
        question: asks; it does not wait.
        name: of the question, for the log.
        timeout_s: seconds to wait.
        passed: errors that are answers: they are raised as they are.

    Raises:
        NoAnswerError: as `ask`.
    """
    try:
        reply = question()
        with trio.move_on_after(timeout_s):
            await _there(reply)
        if reply.is_done():
            return reply.get(timeout=0.0)
    except passed:
        raise
    except RefusedError as error:
        raise NoAnswerError(
            "too many requests wait already", retry_after_s=error.retry_after_s
        ) from error
    except ExpiredError as error:
        raise NoAnswerError("no answer in time", timed_out=True) from error
    except Exception as error:  # the actor's death: its supervisor is raising the next
        _LOG.warning("%s was not answered: %r", name, error)
        raise NoAnswerError("the part that answers this is starting again") from error
    raise NoAnswerError(f"no answer within {timeout_s:g} s", timed_out=True)


async def _there(reply: Reply) -> None:
    if reply.is_done():
        await trio.lowlevel.checkpoint()
        return
    done = trio.Event()
    reply.when_done(_waker(trio.lowlevel.current_trio_token(), done))
    await done.wait()


def _waker(token: trio.lowlevel.TrioToken, done: trio.Event) -> Callable[[], None]:
    def wake() -> None:  # in the thread that brings the answer
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(done.set)

    return wake
