"""A process with a child that works for ever, until somebody kills it.

    python -m tests.actors.apart.parent MODULE COMMAND

Prints the child's number once the child has that job, or loads.
"""

import sys

from actors.apart.child import Spawned
from tests.actors.apart.bench import Bench, kind

if __name__ == "__main__":
    module, command = sys.argv[1:]
    bench = Bench(kind(module))
    bench.keeper.start()
    while not isinstance(news := bench.hear(), Spawned):
        pass
    if command:
        bench.hear_until_ready()
        bench.give(command)
    sys.stdout.write(f"{news.child.pid}\n")
    sys.stdout.flush()
    while True:
        bench.hear()
