"""Fields of a request's body: read one by one, every mistake gathered.

Unknown fields are let be: clients of the documented services may send more than they show.
"""

import re
from typing import Any, Final

from web.errors import Problem

REQUIRED: Final = object()
"""Default of a field that must be there."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EXACT: Final = 2**53
"""Whole numbers below are the same for every reader of JSON."""
_SHOWN: Final = 200
"""Characters of a wrong value that an answer repeats."""


class Fields:
    """Reads an object's fields; `finish` says what was wrong.

    Args:
        body: the object.
        path: what stands before a field's name in a mistake.
        mistakes: where they are gathered; an inner object shares its outer one's.
    """

    def __init__(
        self,
        body: dict[str, Any],
        path: str = "",
        mistakes: list[dict[str, Any]] | None = None,
    ) -> None:
        self._body = body
        self._path = path
        self._mistakes: list[dict[str, Any]] = [] if mistakes is None else mistakes

    def has(self, name: str) -> bool:
        """Whether it is there and not null."""
        return self._body.get(name) is not None

    def raw(self, name: str) -> Any:  # noqa: ANN401  # JSON is of any type
        """The value as it came; None where there is none."""
        return self._body.get(name)

    def wrong(self, name: str, allowed: str) -> None:
        """Note a mistake.

        Args:
            name: of the field.
            allowed: what it may be.
        """
        value = self._body.get(name)
        plain = isinstance(value, bool | float | None) or (
            isinstance(value, int) and abs(value) < _EXACT
        )
        shown = value if plain else str(value)[:_SHOWN]
        mistake = {"field": self._path + name, "value": shown, "allowed": allowed}
        if mistake not in self._mistakes:
            self._mistakes.append(mistake)

    def text(
        self, name: str, default: object = REQUIRED, *, low: int = 1, high: int = 2000
    ) -> str:
        """Read a text of `low` to `high` characters."""
        value = self._given(name, default)
        allowed = f"a text of {low} to {high} characters, without control characters"
        if (
            isinstance(value, str)
            and low <= len(value) <= high
            and not _CONTROL.search(value)
        ):
            return value
        self.wrong(name, allowed)
        return ""

    def number(
        self, name: str, default: object = REQUIRED, *, low: float, high: float
    ) -> float:
        """Read a number from `low` to `high`, both allowed."""
        value = self._given(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, f"a number from {low:g} to {high:g}")
            return low
        if not low <= value <= high:
            self.wrong(name, f"a number from {low:g} to {high:g}")
            return low
        return float(value)

    def whole(self, name: str, default: object = REQUIRED, *, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`, both allowed; 20.0 is one."""
        value = self._given(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not low <= value <= high
        ):
            self.wrong(name, f"a whole number from {low} to {high}")
            return low
        return value

    def flag(self, name: str, default: object = REQUIRED) -> bool:
        """Read true or false."""
        value = self._given(name, default)
        if not isinstance(value, bool):
            self.wrong(name, "true or false")
            return False
        return value

    def choice(
        self, name: str, allowed: tuple[Any, ...], default: object = REQUIRED
    ) -> Any:  # noqa: ANN401  # as the choices
        """Read one of a few values."""
        value = self._given(name, default)
        if isinstance(value, bool) or value not in allowed:
            self.wrong(name, "one of " + ", ".join(str(one) for one in allowed))
            return allowed[0]
        return value

    def inner(self, name: str) -> "Fields":
        """Read an object; where there is none it is empty."""
        value = self._body.get(name)
        if value is not None and not isinstance(value, dict):
            self.wrong(name, "an object")
        found = value if isinstance(value, dict) else {}
        return Fields(found, f"{self._path}{name}.", self._mistakes)

    def finish(self) -> None:
        """End the reading.

        Raises:
            Problem: 422 with every mistake.
        """
        if not self._mistakes:
            return
        first = self._mistakes[0]
        others = len(self._mistakes) - 1
        more = f" (and {others} more)" if others else ""
        raise Problem(
            422,
            f"{first['field']} must be {first['allowed']}{more}",
            details={"mistakes": self._mistakes},
        )

    def _given(self, name: str, default: object) -> Any:  # noqa: ANN401  # JSON is of any type
        value = self._body.get(name)
        return default if value is None else value
