"""Times as clients read them."""

from datetime import UTC, datetime


def iso(unix_s: float) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, from seconds since 1970."""
    at = datetime.fromtimestamp(unix_s, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
