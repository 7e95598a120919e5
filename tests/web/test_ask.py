"""Awaiting an actor's answer."""

import pytest
import trio

from protocols.errors import ExpiredError, RefusedError, UnavailableError
from protocols.keys import CheckKey
from tests.web.stand_ins import Given, StandIn
from web.ask import NoAnswerError, ask


async def test_an_answer_from_another_thread_is_awaited() -> None:
    actor: StandIn[CheckKey] = StandIn(lambda asked: asked.key.upper())
    assert await ask(actor, CheckKey("a"), timeout_s=5) == "A"


class Silent:
    """Takes questions and keeps them."""

    def __init__(self) -> None:
        self.reply = Given()

    def tell(self, message: CheckKey, /) -> None:
        raise NotImplementedError

    def ask(self, _: CheckKey, /, *, timeout_s: float) -> Given:
        assert timeout_s
        return self.reply


async def test_silence_ends_with_the_time_limit() -> None:
    with pytest.raises(NoAnswerError) as silence:
        await ask(Silent(), CheckKey("a"), timeout_s=0.05)
    assert silence.value.timed_out


def test_an_answer_after_the_run_has_ended_is_no_error() -> None:
    actor = Silent()

    async def run() -> None:
        with pytest.raises(NoAnswerError):
            await ask(actor, CheckKey("a"), timeout_s=0.01)

    trio.run(run)
    actor.reply.set("too late")


@pytest.mark.parametrize(
    ("error", "timed_out", "retry_after_s"),
    [
        (RefusedError("sessions", 3.0), False, 3.0),
        (ExpiredError("old"), True, 1.0),
        (UnavailableError("keyring", "disk"), False, 1.0),
        (RuntimeError("it died"), False, 1.0),
    ],
)
async def test_a_failure_says_when_to_try_again(
    error: Exception, *, timed_out: bool, retry_after_s: float
) -> None:
    actor: StandIn[CheckKey] = StandIn(lambda _: error)
    with pytest.raises(NoAnswerError) as failed:
        await ask(actor, CheckKey("a"), timeout_s=5)

    assert failed.value.timed_out is timed_out
    assert failed.value.retry_after_s == retry_after_s
    assert "disk" not in str(failed.value)
