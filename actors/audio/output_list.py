"""Lists the devices that can play, as JSON: `python -m actors.audio.output_list`.

In a process of its own, as all that touches a sound library: a driver may hang. Ends with 3
and one line on the error output where there is no sound library.
"""

import sys
from typing import Final

import msgspec

from actors.audio.output_devices import LibraryMissingError, OutputError
from actors.audio.output_portaudio import PortAudio
from actors.clock import LiveClock

EXIT_MISSING: Final = 3


def main() -> int:
    """Write the list.

    Returns:
        The exit code.
    """
    try:
        devices = PortAudio(LiveClock()).look()
    except (LibraryMissingError, OutputError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_MISSING
    sys.stdout.buffer.write(msgspec.json.encode(devices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
