"""Tables of the page."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Final

MOST_ROWS: Final = 200
"""What is more is counted; the JSON has all of it."""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers are aligned right.

    Args:
        caption: its title.
        head: titles of the columns.
        rows: as many cells each.
    """
    left = iter(rows)
    shown = list(islice(left, MOST_ROWS))
    more = sum(1 for _ in left)
    if not shown:
        return f"<p>{escape(caption)}: none.</p>"
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown)
    rest = f"<p>… and {more} more, in the JSON.</p>" if more else ""
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{titles}'
        f"</tr></thead><tbody>{body}</tbody></table></div>{rest}"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td class="number">{value:,.3g}</td>'
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{escape(str(value))}</td>"
