"""A download on its way to the disk: whole under its name, or not there at all."""

import os
from pathlib import Path

from phosphene.client.errors import AnswerError


def beside(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def settle(part: Path, path: Path, wanted: str | None) -> int:
    """Put a file that was written in its place.

    Args:
        part: where it is, closed.
        path: where it belongs.
        wanted: `Content-Length`, if it was said.

    Returns:
        Its size, bytes.

    Raises:
        AnswerError: it is not whole.
    """
    size = part.stat().st_size
    if wanted is not None and int(wanted) != size:
        raise AnswerError(f"{size} of {wanted} bytes came")
    part.replace(path)
    return size
