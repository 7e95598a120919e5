"""Abuse of `/ws`: how long a witness waits for its beat, and how much memory it costs.

    python -m benchmarks.abuse

A whole server, a client that reads every beat, and what `tests.journeys.abuse` sends: a
deflate bomb, fragments of one byte, floods, text that is none, opcodes that mean nothing,
a message of 17 MB, 10,000 fuzzed frames. Beside each: the longest time between two beats
less the tenth of a second that is right, against the same of five quiet seconds in the
same run.

Predicted: no stall above 20 ms, for what is wrong is refused by its first bytes; memory
within 10 MB, most of it what the first connection loads.
Came: no stall above 5 ms but where the quiet seconds had one too, no beat lost, 1.6 MiB.
Why: a length or an opcode that is wrong is known from the first ten bytes, and what floods
is read at a rate, so it waits in its sender's kernel.
"""

import sys
import tempfile
from pathlib import Path

import psutil
import trio

from tests.journeys.abuse import EVERY, packed, witnessed
from tests.journeys.server import Server, serving

QUIET_BEATS = 50


async def measure(server: Server) -> None:
    """Print the table."""
    port = int(server.base.rpartition(":")[2])
    process = psutil.Process(server.process.pid)
    async with witnessed(port) as quiet:
        await quiet.sees_another(QUIET_BEATS)
    usual_ms = 1000.0 * quiet.longest_stall_s
    before = process.memory_info().rss
    packed()  # its making must not hold up the witness, who is in this process
    print(f"{'quiet':28}stall {usual_ms:6.1f} ms")
    for name, (abuse, right) in EVERY.items():
        async with witnessed(port) as witness:
            codes = await abuse(port)
            await witness.sees_another()
        assert set(codes) <= right, codes  # noqa: S101  # else there is nothing to measure
        told = ", ".join(f"{code} x{count}" for code, count in sorted(codes.items()))
        stall_ms = 1000.0 * witness.longest_stall_s
        grown = (process.memory_info().rss - before) / 1024**2
        print(
            f"{name:28}stall {stall_ms:6.1f} ms ({stall_ms / usual_ms:5.1f} x quiet)"
            f"  lost {witness.lost}  memory {grown:+.1f} MiB  closed with {told}"
        )


def main() -> None:
    """Measure a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--set", "web.websockets_per_address=0")
        with serving(Path(folder), *options) as server:
            trio.run(measure, server)


if __name__ == "__main__":
    sys.exit(main())
