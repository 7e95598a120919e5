"""What is said of practices: the body that makes one, the query that lists them. Pure.

Document 003 shows `name`, `duration`, `intention`, `frequency` and `modalities`. Only the
name must be there: its own examples leave others out.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

from config.schema import Settings
from protocols.sessions import ListPractices, PracticeSettings, PracticeStatus
from web.fields import Fields
from web.sound_wish import FREQUENCY_HZ, finish_sound

SHORTEST_S: Final = 1.0
MOST_MODALITIES: Final = 32
MOST_LISTED: Final = 100
LISTED: Final = 20
FAR: Final = 10**6
"""The furthest that a list can be begun at."""

STATUSES: Final[tuple[str, ...]] = get_args(PracticeStatus)
_USUAL: Final = PracticeSettings(name="", duration_s=0.0)
_DIGITS: Final = 9


def practice_settings(
    body: dict[str, Any], settings: Settings, owner: str
) -> PracticeSettings:
    """Read the wish for a practice.

    Args:
        body: the request's.
        settings: for what it does not say, and for the longest.
        owner: id of the key that asks; empty: it is everybody's.

    Raises:
        Problem: 422 with every mistake; `INVALID_FREQUENCY` if the frequency is one.
    """
    mistakes: list[dict[str, Any]] = []
    fields = Fields(body, mistakes=mistakes)
    limits, (low_hz, high_hz) = settings.sessions, FREQUENCY_HZ
    longest_s = 60.0 * limits.max_duration_minutes
    usual_s = min(60.0 * limits.duration_minutes, longest_s)
    wish = PracticeSettings(
        name=fields.text("name", high=200),
        duration_s=fields.number("duration", usual_s, low=SHORTEST_S, high=longest_s),
        intention=fields.text("intention", "", low=0),
        frequency=fields.number("frequency", _USUAL.frequency, low=low_hz, high=high_hz),
        modalities=_modalities(fields),
        owner=owner,
    )
    finish_sound(fields, mistakes)
    return wish


def practice_list(query: Mapping[str, str], owner: str) -> ListPractices:
    """Read which practices are to be listed.

    Args:
        query: of the request's address: `status`, `limit`, `offset`.
        owner: as above.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields({name: _number(text) for name, text in query.items()})
    status = fields.choice("status", STATUSES) if fields.has("status") else None
    wish = ListPractices(
        owner=owner,
        status=status,
        offset=fields.whole("offset", 0, low=0, high=FAR),
        limit=fields.whole("limit", LISTED, low=1, high=MOST_LISTED),
    )
    fields.finish()
    return wish


def _modalities(fields: Fields) -> tuple[str, ...]:
    if not fields.has("modalities"):
        return _USUAL.modalities
    said = fields.raw("modalities")
    is_list = isinstance(said, list) and len(said) <= MOST_MODALITIES
    if not is_list or not all(isinstance(one, str) for one in said):
        fields.wrong("modalities", f"a list of at most {MOST_MODALITIES} names")
        return ()
    return tuple(dict.fromkeys(said))


def _number(text: str) -> int | str:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else text
