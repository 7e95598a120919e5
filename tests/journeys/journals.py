"""A journal as a run left it, read from its folder alone."""

from pathlib import Path
from typing import NamedTuple

from actors.journal.fold import Recall
from actors.journal.folder import FOLDER
from actors.journal.reading import BadLine, JournalReader
from protocols.supervision import Entry


class Kept(NamedTuple):
    """What is on the disk above a number."""

    entries: list[Entry]
    bad: list[BadLine]
    """Lines that cannot be read, of all that were read."""

    missing: list[int]
    """Numbers that no entry has, up to the newest."""

    untold: list[int]
    """Numbers after which the tree cannot be computed."""

    reader: JournalReader


def read_journal(data_dir: Path, since: int = 0) -> Kept:
    """Read the entries above a number; below it there must be none missing."""
    bad: list[BadLine] = []
    reader = JournalReader(data_dir / FOLDER, bad.append)
    entries = list(reader.entries(since))
    tree = reader.recall(until=since) if since else Recall()
    missing: list[int] = []
    untold: list[int] = []
    number = since
    for entry in entries:
        missing += range(number + 1, entry.number)
        number = entry.number
        tree.take(entry)
        if not tree.known:
            untold.append(number)
    return Kept(entries, bad, missing, untold, reader)
