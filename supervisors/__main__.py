"""`python -m supervisors`, and the `phosphene` command."""

import sys

from supervisors.cli import main

if __name__ == "__main__":
    sys.exit(main())
