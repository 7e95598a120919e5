"""Times as clients read them."""

from datetime import UTC, datetime


def iso(unix_s: float) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, from seconds since 1970."""
    at = datetime.fromtimestamp(unix_s, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_seconds(unix_s: float) -> str:
    """ISO 8601 in UTC to the second and with `Z`, as document 003 shows times."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
