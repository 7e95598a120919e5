"""What a whole server survives, and how long it is felt.

    python benchmarks/survival.py [kills hangs segfaults sigterms kill9s]
        [--kills 100] [--hangs 2] [--segfaults 20] [--sigterms 100] [--kill9s 20]

Nothing is simulated but the sitters and the blows. `kills`, `hangs` and `segfaults` have a
whole server in this process (door, journal, painters' processes), three sessions at ten
pictures of 64 x 64 a second, and a WebSocket client for each; `sigterms` and `kill9s` start
servers as an operator would.

* kills: everybody in the tree falls by a message that no actor takes, so many times, in
  rounds; budgets are widened by an operator's order, so that none ends the run. From the
  blow to the next life (aim 1 s); what the edges of samples of the two sessions that were
  not meant have dropped (aim 0); published pictures that did not come to their clients, and
  the longest time that one of them waited for a picture, beside that of a quiet while.
  A session's house is not built again: its row is the time until its session has failed.
  Who stands above all houses falls in bunches; the sessions' way back is waited for once.
* hangs: a message that does not come back. How far beyond its limit an actor is called
  hung (aim 0.5 s), and from the message to the next life; the same losses. With one shared
  thread the stages of all sessions wait for the limit of one of them.
* segfaults: of the painter's process, to the next picture of every session (aim 3 s).
* sigterms: at random instants, also amid the start: to the end of the process (aim 10 s);
  then its journal is read: none missing, no bad line, every tree can be computed, and the
  last entry is the run's end where the run had begun.
* kill9s: at random instants under load, again and again in one data folder: no number is
  missing, what `GET /ops/events` showed is on the disk word for word, every tree can be
  computed, every picture and key that was handed out is still there.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.blows.ends import kill9s, sigterms
from benchmarks.blows.inside import hangs, kills, segfaults

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = {"kills": 100, "hangs": 2, "segfaults": 20, "sigterms": 100, "kill9s": 20}


def main() -> None:
    """Run the parts that were asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("parts", nargs="*", help=f"of {', '.join(TIMES)}; none: all")
    for part, times in TIMES.items():
        options.add_argument(f"--{part}", type=int, default=times, help="how many")
    options.add_argument("--painters", type=int, default=1)
    options.add_argument("--at-once", type=int, default=2, help="servers of `sigterms`")
    options.add_argument("--seed", type=int, default=7)
    asked = options.parse_args()
    if unknown := set(asked.parts) - set(TIMES):
        options.error(f"{', '.join(unknown)}: allowed are {', '.join(TIMES)}")
    parts: dict[str, Callable[[], None]] = {
        "kills": lambda: kills(asked.kills, asked.painters),
        "hangs": lambda: hangs(asked.hangs, asked.painters),
        "segfaults": lambda: segfaults(asked.segfaults, asked.painters),
        "sigterms": lambda: sigterms(asked.sigterms, asked.at_once, asked.seed),
        "kill9s": lambda: kill9s(asked.kill9s, asked.seed),
    }
    for name, run in parts.items():
        if name in asked.parts or not asked.parts:
            run()


if __name__ == "__main__":
    main()
