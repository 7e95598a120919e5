"""The kernel beside stock Pykka, in the same run: `python -m benchmarks.kernel`.

Three workloads, each on a stock `pykka.ThreadingActor` and on a `Stage` with a thread of
its own (pinned) and on a pool (shared):

tell            one sender tells 20,000 messages; ends when the last is handled
ask             one question after the other
pipelined ask   500 questions at a time, then their answers

Runs alternate, so that what else the machine does falls on all alike. The figures are
medians; the ratio is of processor time, which does not count the waiting for others, and
for `ask`, which is made of waiting, of elapsed time.

What was predicted and what came (2 cores, CPython 3.11, other work going on). A first
version took the address's lock in `tell` and in `take`: 1.0 to 1.4 times stock for tell
and 2 for the pipelined ask. Prediction: the lock is held for half of a sender's time, so a
switch of threads mostly falls into it; the waiter then gets the lock but not the
interpreter's, and from there on every message is a switch (a convoy). Without a lock on
either side, and with a tuple for a letter, tell should cost a quarter of stock's.
Outcome, processor time a message: tell 0.44 to 0.54 µs against 2.1 to 2.5 (4.5 to 5
times; 3.2 to 3.6 in a run in which ten other jobs wanted the two cores), pipelined ask 2.7
µs against 11.5 (3.8 to 4.4 times). A question and its answer, one at a time, are switches
of threads and little else: 0.7 to 1.6 times stock, as the machine is busy. Writing `post`
out inside `tell` was tried and gained nothing that the noise does not hide.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import pykka

from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.edges import Edge
from actors.inbox import Address
from actors.stage import Dispatcher, Stage

MESSAGES = 20_000
QUESTIONS = 2_000
PIPELINE = 500
RUNS = 15
TIMEOUT_S = 30.0

Tell = Callable[[Any], object]
Ask = Callable[[Any], "pykka.Future[Any]"]


class Stock(pykka.ThreadingActor):
    """Answers what it is asked, as Pykka makes actors."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Semaphore(0)

    def on_receive(self, message: object) -> object:
        """Say when the end is there."""
        if message is None:
            self.end.release()
        return message


class Ours(Stage):
    """The same as a stage."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Semaphore(0)

    def handle(self, message: object) -> object:
        """Say when the end is there."""
        if message is None:
            self.end.release()
        return message


class Subject:
    """An actor under test."""

    def __init__(self, name: str, tell: Tell, ask: Ask, end: threading.Semaphore) -> None:
        self.name = name
        self._tell = tell
        self._ask = ask
        self._end = end

    def tell(self) -> None:
        """One way."""
        tell = self._tell
        for number in range(MESSAGES):
            tell(number)
        tell(None)
        self._end.acquire()

    def ask(self) -> None:
        """There and back."""
        ask = self._ask
        for number in range(QUESTIONS):
            ask(number).get(timeout=TIMEOUT_S)

    def pipeline(self) -> None:
        """Many there, then all back."""
        ask = self._ask
        for _ in range(MESSAGES // PIPELINE):
            for answer in [ask(number) for number in range(PIPELINE)]:
                answer.get(timeout=TIMEOUT_S)


def stage(name: str, dispatcher: Dispatcher) -> tuple[Subject, Address]:
    """One of ours, with room for all that is told."""
    address = Address(name, LiveClock())
    actor = Ours()
    actor.launch(address, dispatcher)
    edge: Edge[Any] = address.add(Edge(name, address, depth=None))

    def ask(message: object) -> "pykka.Future[Any]":
        return edge.ask(message, timeout_s=TIMEOUT_S)

    return Subject(name, edge.tell, ask, actor.end), address


def measure(work: Callable[[Subject], None], subject: Subject) -> tuple[float, float]:
    """Elapsed and processor seconds."""
    began, used = time.perf_counter(), time.process_time()
    work(subject)
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    """Measure and print."""
    ref = Stock.start()
    stock_end = ref.proxy().end.get()
    pool = SharedDispatcher("pool", os.cpu_count() or 2)
    pinned, pinned_at = stage("pinned", PinnedDispatcher())
    shared, shared_at = stage("shared", pool)
    subjects = [
        Subject("stock", ref.tell, lambda m: ref.ask(m, block=False), stock_end),
        pinned,
        shared,
    ]
    workloads = {
        "tell": (Subject.tell, MESSAGES, 1),
        "ask": (Subject.ask, QUESTIONS, 0),
        "pipelined ask": (Subject.pipeline, MESSAGES, 1),
    }
    print(f"{'':14}{'':8}{'elapsed':>10}{'processor':>11}{'ratio':>8}   (µs a message)")
    for title, (work, count, compared) in workloads.items():
        taken: dict[str, list[tuple[float, float]]] = {s.name: [] for s in subjects}
        for run in range(RUNS):
            for subject in subjects if run % 2 else reversed(subjects):
                taken[subject.name].append(measure(work, subject))
        medians = {
            name: [
                1e6 * statistics.median(column) / count
                for column in zip(*times, strict=True)
            ]
            for name, times in taken.items()
        }
        for name, (elapsed, processor) in medians.items():
            ratio = medians["stock"][compared] / medians[name][compared]
            print(f"{title:14}{name:8}{elapsed:10.2f}{processor:11.2f}{ratio:7.1f}x")
    ref.stop()
    pinned_at.stop()
    shared_at.stop()
    pool.close()


if __name__ == "__main__":
    main()
