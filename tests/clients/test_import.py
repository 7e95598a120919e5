"""What `import phosphene.client` brings along."""

import subprocess
import sys

SAID = """
import sys
import phosphene.client
heavy = {"numpy", "scipy", "pykka", "trio", "quart", "supervisors", "actors", "web"}
print(sorted(heavy & set(sys.modules)))
phosphene.client.TrioPhosphene
print("trio" in sys.modules)
"""


def test_the_client_is_imported_without_the_server_and_without_what_is_slow() -> None:
    command = [sys.executable, "-c", SAID]
    done = subprocess.run(  # noqa: S603  # our own words
        command, capture_output=True, text=True, check=True
    )

    assert done.stdout.split("\n")[:2] == ["[]", "True"]
