"""What a child prints: line by line into the log."""

import logging
import os
from typing import IO, Final

log = logging.getLogger(__name__)

LONGEST_LINE: Final = 4096
"""Bytes; what is longer goes on in a line of its own."""


class Printed:
    """The readable end of a child's standard output and error.

    Args:
        file: that end; closed with this.
        who: begins each line in the log.
    """

    def __init__(self, file: IO[bytes] | None, who: str) -> None:
        if file is None:
            raise TypeError("the child has no pipe to print to")
        self._file = file
        self._who = who
        self._rest = b""
        self.last = ""
        """The last line that was not empty."""

    def fileno(self) -> int:
        """For a selector."""
        return self._file.fileno()

    def read(self) -> bool:
        """Log what is there, waiting for some; False: there will be no more."""
        try:
            data = os.read(self.fileno(), 65536)
        except BlockingIOError:
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._log(line)
        if len(self._rest) > LONGEST_LINE:
            self._log(self._rest)
            self._rest = b""
        return bool(data)

    def close(self) -> None:
        """Log the rest that is there, without waiting for more."""
        os.set_blocking(self.fileno(), False)  # who it started may print on for ever
        for _ in range(64):
            if not self.read():
                break
        self._log(self._rest)
        self._file.close()

    def _log(self, line: bytes) -> None:
        for start in range(0, len(line), LONGEST_LINE):
            text = line[start : start + LONGEST_LINE].decode("utf-8", "replace").rstrip()
            if text:
                self.last = text
                log.info("%s: %s", self._who, text)
