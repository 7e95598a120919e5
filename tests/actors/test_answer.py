"""Answers: once, from any thread, to whoever waits in whatever way."""

import queue
import threading

import pykka
import pytest
import trio

from actors.answer import Answer


def test_what_is_set_is_got() -> None:
    answer = Answer()
    assert not answer.is_done()

    answer.set(7)

    assert answer.is_done()
    assert (answer.get(timeout=0), answer.get()) == (7, 7)


def test_an_answer_is_given_once() -> None:
    answer = Answer()
    answer.set(1)

    with pytest.raises(queue.Full):
        answer.set(2)
    with pytest.raises(queue.Full):
        answer.set_exception((ValueError, ValueError("late"), None))
    assert not answer.offer(3)
    assert not answer.fail(ValueError("late"))
    assert answer.get() == 1


def test_of_many_who_answer_exactly_one_counts() -> None:
    for _ in range(50):
        answer, gate = Answer(), threading.Barrier(4)
        won: list[int] = []

        def race(
            mine: int,
            answer: Answer = answer,
            gate: threading.Barrier = gate,
            won: list[int] = won,
        ) -> None:
            gate.wait(5.0)
            if answer.offer(mine):
                won.append(mine)

        threads = [threading.Thread(target=race, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [answer.get(timeout=0)]


def test_an_error_is_raised_where_it_is_got() -> None:
    answer = Answer()
    assert answer.fail(ValueError("no"))

    with pytest.raises(ValueError, match="no"):
        answer.get(timeout=0)


def test_what_is_no_exception_does_not_end_who_asked() -> None:
    answer = Answer()
    cause = SystemExit(3)
    answer.fail(cause)

    with pytest.raises(pykka.ActorDeadError) as caught:
        answer.get(timeout=0)
    assert caught.value.__cause__ is cause


def test_pykka_s_way_of_failing_gives_the_error_being_handled() -> None:
    answer = Answer()
    try:
        dict[str, int]()["here"]
    except KeyError:
        answer.set_exception()

    with pytest.raises(KeyError, match="here"):
        answer.get(timeout=0)


def test_waiting_ends_with_a_timeout() -> None:
    answer = Answer()
    with pytest.raises(pykka.Timeout):
        answer.get(timeout=0.001)
    with pytest.raises(pykka.Timeout):
        answer.get(timeout=-1.0)

    answer.set("late but there")
    assert answer.get(timeout=0) == "late but there"


def test_a_waiting_thread_gets_it() -> None:
    answer: Answer = Answer()
    got: queue.SimpleQueue[object] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=lambda: got.put(answer.get(timeout=5.0))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()

    answer.set("word")

    assert [got.get(timeout=5.0) for _ in threads] == ["word"] * 3


def test_each_call_comes_once_whether_left_before_or_after() -> None:
    answer = Answer()
    called: list[str] = []
    answer.when_done(lambda: called.append("before"))
    assert called == []

    answer.set()
    answer.when_done(lambda: called.append("after"))

    assert called == ["before", "after"]


def test_a_caller_that_fails_harms_neither_who_answers_nor_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = Answer()
    called: list[int] = []

    def fall() -> None:
        raise trio.RunFinishedError

    answer.when_done(fall)
    answer.when_done(lambda: called.append(1))
    answer.set(5)

    assert called == [1]
    assert "who waited" in caplog.text


async def test_a_trio_task_can_await_it_from_a_thread() -> None:
    answer, there = Answer(), trio.Event()
    token = trio.lowlevel.current_trio_token()
    answer.when_done(lambda: token.run_sync_soon(there.set))
    thread = threading.Thread(target=answer.set, args=("from a thread",))
    thread.start()

    with trio.fail_after(5.0):
        await there.wait()

    assert answer.get(timeout=0) == "from a thread"
    thread.join()


def test_a_get_hook_makes_the_answer_as_pykka_s_stop_needs() -> None:
    answer = Answer()
    answer.set_get_hook(lambda timeout: timeout)

    assert answer.get(timeout=2.5) == 2.5


def test_it_says_whether_it_is_there() -> None:
    answer = Answer()
    assert "pending" in repr(answer)
    answer.set()
    assert "there" in repr(answer)
