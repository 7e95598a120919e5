"""Numbers in columns of text: the part that the OpenBCI and Muse formats share."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from protocols.errors import RecordingError

SHOWN_CHARS = 60
"""Of a broken line, in the message about it."""


def columns(
    name: str, lines: Sequence[str], *, first_line: int, wanted: Sequence[int]
) -> npt.NDArray[np.float64]:
    """Parse comma-separated numbers; an empty field is NaN.

    A last line that breaks off is left out: a recorder that was killed leaves one.

    Args:
        name: file name, for messages.
        lines: the lines with numbers, without line ends.
        first_line: number of `lines[0]` in the file, from 1.
        wanted: columns to read, from 0.

    Returns:
        Shape (columns, rows).

    Raises:
        RecordingError: a line that cannot be read, by its number.
    """
    rows = [(number, line) for number, line in enumerate(lines, first_line) if line.strip()]
    if not rows:
        raise RecordingError(f"{name}: there is no sample in it")
    try:
        table = _fast([line for _, line in rows], wanted)
    except ValueError:
        table = _slow(name, rows, wanted)
    return table.T


def _fast(lines: Sequence[str], wanted: Sequence[int]) -> npt.NDArray[np.float64]:
    """All lines in C; says nothing useful of a broken one."""
    return np.loadtxt(lines, delimiter=",", usecols=wanted, comments=None, ndmin=2)


def _slow(
    name: str, rows: Sequence[tuple[int, str]], wanted: Sequence[int]
) -> npt.NDArray[np.float64]:
    """Line by line, to find the broken one, or to read empty fields."""
    table: list[list[float]] = []
    for number, line in rows:
        fields = line.split(",")
        try:
            table.append([_number(fields[column]) for column in wanted])
        except (ValueError, IndexError) as error:
            if number == rows[-1][0] and table:
                break
            raise RecordingError(
                f"{name}, line {number}: cannot be read: {line.strip()[:SHOWN_CHARS]!r}"
            ) from error
    return np.array(table)


def _number(field: str) -> float:
    return float(field) if field.strip() else float("nan")
