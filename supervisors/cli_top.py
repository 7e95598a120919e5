"""`phosphene top`: a server's supervision tree in a terminal, once a second.

    0  done
    2  usage
    6  no server answers there
    7  the key is missing, refused, or no operator's
    8  whoever answers there is no Phosphene server

Without a terminal (a pipe, a file) it prints one screen, as with `--once`.
"""

from typing import Final

import click

_DEFAULT: Final = "http://127.0.0.1:8008"


@click.command()
@click.option("--url", default=_DEFAULT, metavar="URL", help=f"The server [{_DEFAULT}].")
@click.option(
    "--key",
    envvar="PHOSPHENE_KEY",
    default="",
    metavar="KEY",
    help="An operator's key [PHOSPHENE_KEY, which no list of processes shows].",
)
@click.option("--once", is_flag=True, help="Print one screen and end.")
@click.option("--all", "unfold", is_flag=True, help="Fold nothing: every session's actors.")
@click.option("--json", "as_json", is_flag=True, help="What is seen, a line of JSON each.")
def top(
    url: str,
    key: str,
    once: bool,  # noqa: FBT001  # click's way to hand over flags
    unfold: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Watch a server's actors: states, restarts, inboxes, times, and what happened.

    \b
    export PHOSPHENE_KEY=phos_...
    phosphene top
    phosphene top --url http://studio:8008 --all
    phosphene top --once --json | jq .tree.state

    URL may be the whole address that `phosphene serve` prints, with its key. Ctrl-C ends
    it.
    """  # noqa: D301  # click: \b, these lines as they are
    # Here, so that no other command waits for what only this one needs.
    from supervisors.top_run import run  # noqa: PLC0415

    return run(url, key, once=once, unfold=unfold, as_json=as_json)
