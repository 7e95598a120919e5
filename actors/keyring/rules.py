"""What a key may be called and how long it may last."""

from protocols.keys import CreateKey, KeyRefused

LONGEST_NAME = 100
MOST_DAYS = 36_500.0
"""A century: whoever wants longer wants `None`."""


def refusal(wish: CreateKey) -> KeyRefused | None:
    """Why the key cannot be made as wished; None when it can."""
    if (
        not wish.name.strip()
        or len(wish.name) > LONGEST_NAME
        or not wish.name.isprintable()
    ):
        return KeyRefused(field="name", reason=f"1 to {LONGEST_NAME} printable characters")
    # Written so that NaN is refused too.
    if wish.days is not None and not 0.0 < wish.days <= MOST_DAYS:
        return KeyRefused(
            field="days",
            reason=f"above 0, up to {MOST_DAYS:g}, or none for a key that stays",
        )
    return None
