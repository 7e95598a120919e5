"""Work in a child process: what a job costs, and how long a crash is felt.

    python benchmarks/worker.py [--jobs 2000] [--crashes 20] [--busy 0]

* `small job`: content of 7 bytes there and back, through an actor's keeper; named
  alternative in the same run: `multiprocessing.Pipe` to a spawned process, pickled.
* `512 x 512`: the same with 786,432 bytes of pixels in the answer; ours lie in shared
  memory and are copied out, the alternative's are pickled through its pipe.
* `SIGKILL`, `segfault`, `hang`: from the blow (for `hang` from the limit) to the next
  picture of 64 x 64 by another painter's process, which was not there before.
* `stop`: three workers that paint 2048 x 2048 are told to end, one after the other.

`--busy` processes spin beside, at the usual priority.

Prediction before the first run: a small job 80 µs, the alternative 60; a picture 0.3 ms,
the alternative 1.0; a crash 0.3 s at p50, 0.6 at most; three workers end within 0.1 s.

Outcome: two shared cores, load average 2 to 3, three runs of 3,000 jobs and 20 crashes;
milliseconds, the three p50 and the worst maximum:

    small job: ours                        0.067  0.124  0.071      4.3
    small job: multiprocessing, pickled    0.022  0.023  0.024      1.7
    512 x 512: ours                        0.193  0.214  0.175     10.9
    512 x 512: multiprocessing, pickled    1.390  1.158  1.397     29.0
    SIGKILL, to the next picture           164    170    179      234
    segfault, to the next picture          165    163    200      256
    hang, to the next picture              160    223    186      301
    stop of three that paint                10     21     25       54

So pixels come 5.4 to 8.0 times as fast as pickled. A small job takes three to five times as
long as over a bare pipe: a thread of its own listens to each child and passes the word on,
so that the actor waits for nothing; and ours is at nice 10. With `--busy 3` (load 4) the
next picture came 0.37 to 0.72 s after the blow at p50, 1.0 s at most, in three kinds of
blow and two runs of 10; with the child at nice 10 from its first instruction on, and not
only from its first tiny job, 1.1 to 1.4 s and 3.4 s at most.
"""

import argparse
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from actors.apart.child import ChildNews
from actors.apart.keeper import Failed, Finished, Keeper
from actors.apart.kind import Kind, Limits
from actors.generator.orders import Order, painter, write
from benchmarks.worker_child import pickled
from protocols.pictures import PictureWish
from protocols.supervision import ChildProcess
from protocols.time import Tick

SMALL = write(Order(paint=PictureWish(prompt="a moon", width=64, height=64)))
LARGE = write(Order(paint=PictureWish(prompt="a moon", width=2048, height=2048)))
ANSWER_S = 0.5


class Owner:
    """Does what an actor would: passes the news of its child on."""

    def __init__(self, kind: Kind) -> None:
        self.news: queue.SimpleQueue[ChildNews] = queue.SimpleQueue()
        self.pid = 0
        self.keeper = Keeper(kind, "benchmark", self, self)
        self.keeper.start()
        while not self.keeper.ready:
            self.keeper.hear(self.news.get())

    def tell(self, message: ChildNews | ChildProcess, /) -> None:
        """News, or a report."""
        if not isinstance(message, ChildProcess):
            self.news.put(message)
        elif message.step == "started":
            self.pid = message.pid

    def wait(self) -> Finished | Failed:
        """For the next outcome."""
        while (outcome := self.keeper.hear(self.news.get())) is None:
            pass
        return outcome

    def ask(self, content: bytes) -> None:
        """Have a job done."""
        self.keeper.give(content, content)
        if isinstance(done := self.wait(), Failed):
            raise done.error


def timed_ms(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each time."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
    return took


def line(name: str, took: list[float]) -> str:
    """A row of the table."""
    p50, p99 = np.percentile(took, [50, 99])
    return f"{name:<34} {p50:>10.3f} {p99:>10.3f} {max(took):>10.3f}"


def exchanges(jobs: int) -> None:
    """Small jobs and pictures, ours and pickled, in turn."""
    kind = Kind(module="benchmarks.worker_child", tiny=b"tiny", shared_bytes=1024**2)
    ours = Owner(kind)
    near, far = multiprocessing.get_context("spawn").Pipe()
    other = multiprocessing.get_context("spawn").Process(target=pickled, args=(far,))
    other.start()

    def theirs(content: bytes) -> None:
        near.send(content)
        near.recv()

    for name, content in (("small job", b"content"), ("512 x 512", b"picture")):
        timed_ms(lambda: (ours.ask(content), theirs(content)), 50)  # noqa: B023
        a, b = [], []
        for _ in range(max(1, jobs // 100)):
            a += timed_ms(lambda: ours.ask(content), 100)  # noqa: B023
            b += timed_ms(lambda: theirs(content), 100)  # noqa: B023
        print(line(f"{name}: ours", a))
        print(line(f"{name}: multiprocessing, pickled", b))
        print(f"{'':<34} {np.median(b) / np.median(a):>10.2f} times ours")
    near.send(None)
    other.join()
    ours.keeper.close()


def crashes(times: int) -> None:
    """From a blow to the next picture."""
    owner = Owner(painter(Limits(answer_s=ANSWER_S)))

    def killed() -> None:
        os.kill(owner.pid, signal.SIGKILL)
        again()

    def segfault() -> None:
        os.kill(owner.pid, signal.SIGSEGV)
        again()

    def again() -> None:
        before = owner.pid
        while owner.pid == before or not owner.keeper.ready:
            owner.keeper.hear(owner.news.get())
        owner.ask(SMALL)

    def hang() -> None:
        os.kill(owner.pid, signal.SIGSTOP)
        owner.keeper.give("hangs", SMALL)
        now, outcome = 0.0, None
        while outcome is None:  # its limit passes, as far as it can tell
            now += 0.1
            outcome = owner.keeper.tick(Tick(base[0] + now, 0))
        base[0] += now
        again()

    base = [0.0]
    for name, blow in (("SIGKILL", killed), ("segfault", segfault), ("hang", hang)):
        print(line(f"{name}, to the next picture", timed_ms(blow, times)))
    owner.keeper.close()


def stops() -> None:
    """Workers with large pictures in hand end."""
    took = []
    for _ in range(5):
        owners = [Owner(painter(Limits())) for _ in range(3)]
        for owner in owners:
            owner.keeper.give("large", LARGE)
        took += timed_ms(lambda: [owner.keeper.close() for owner in owners], 1)  # noqa: B023
    print(line("stop of three that paint", took))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=2000)
    options.add_argument("--crashes", type=int, default=20)
    options.add_argument("--busy", type=int, default=0)
    asked = options.parse_args()
    spin = [sys.executable, "-c", "while True: pass"]
    spinning = [subprocess.Popen(spin) for _ in range(asked.busy)]
    try:
        print(f"{'milliseconds':<34} {'p50':>10} {'p99':>10} {'max':>10}")
        exchanges(asked.jobs)
        crashes(asked.crashes)
        stops()
    finally:
        for process in spinning:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
