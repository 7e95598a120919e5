"""A child that does not come up: it ends at once."""

import sys

if __name__ == "__main__":
    sys.exit("there is no such board")
