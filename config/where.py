"""The line of a TOML file on which a key is set, which `tomllib` does not tell."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any


def line_of(text: str, path: Sequence[str]) -> int:
    """Find the line on which a key or table first appears.

    No second parser: the beginnings of the file are parsed by `tomllib` itself, and the
    first in which the key is there ends with it. A value over several lines makes its
    inner beginnings unreadable, so its first line is the one after the last readable
    beginning. Costs one parse a line, and is only asked when a mistake is reported.

    Args:
        text: a whole file that `tomllib` accepts.
        path: `("web", "port")`.

    Returns:
        The line, counted from 1.

    Raises:
        KeyError: the key is not in the file.
    """
    lines = text.splitlines(keepends=True)
    readable = 0
    for count in range(1, len(lines) + 1):
        try:
            table = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(table, path):
            return readable + 1
        readable = count
    raise KeyError(".".join(path))


def _has(table: Mapping[str, Any], path: Sequence[str]) -> bool:
    here: Any = table
    for name in path:
        if not isinstance(here, dict) or name not in here:
            return False
        here = here[name]
    return True
