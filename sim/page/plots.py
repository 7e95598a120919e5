"""Plots as SVG text: lines over time and bars of a histogram.

Drawn here and not by a library, because the page must be one file that opens anywhere,
prints, and is read aloud: each plot has a title and its figures in words.
"""

import math
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

WIDTH, HEIGHT = 640, 150
LEFT, BOTTOM, TOP, RIGHT = 44, 22, 10, 8
MOST_POINTS: Final = 600
"""Of a line; more are folded by their largest, so that no peak is lost."""


class Plot(NamedTuple):
    """What is drawn."""

    title: str
    words: str
    """The same for who does not see it."""

    unit: str


def line(plot: Plot, at_s: Sequence[float], values: Sequence[float]) -> str:
    """A line over virtual time.

    Args:
        plot: title, words and unit.
        at_s: seconds, rising.
        values: as many.
    """
    points = _folded(at_s, values)
    span = max((x for x, _ in points), default=1.0) or 1.0
    top = _round_up(max((y for _, y in points), default=1.0))
    drawn = " ".join(f"{_x(x / span):.1f},{_y(y / top):.1f}" for x, y in points)
    marks = _grid(top, plot.unit) + _ticks(span)
    return _svg(plot, f'{marks}<polyline class="line" points="{drawn}"/>')


def bars(plot: Plot, labels: Sequence[str], counts: Sequence[int]) -> str:
    """A histogram; each bar tells its count.

    Args:
        plot: title, words and unit.
        labels: of the bars.
        counts: as many.
    """
    top = _round_up(max(counts, default=1))
    step = 1 / max(1, len(counts))
    drawn = []
    for number, (label, count) in enumerate(zip(labels, counts, strict=True)):
        left, right = _x((number + 0.1) * step), _x((number + 0.9) * step)
        y = _y(count / top)
        what = escape(f"{label}: {count}")
        drawn.append(
            f'<rect class="bar" x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}"'
            f' height="{_y(0) - y:.1f}"><title>{what}</title></rect>'
        )
        if number % max(1, len(counts) // 10) == 0:
            drawn.append(_text((left + right) / 2, HEIGHT - 6, label, "middle"))
    return _svg(plot, _grid(top, plot.unit) + "".join(drawn))


def _svg(plot: Plot, inside: str) -> str:
    title, words = escape(plot.title), escape(plot.words)
    return (
        f'<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' role="img" aria-label="{words}">{inside}</svg></figure>'
    )


def _grid(top: float, unit: str) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = _y(share)
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}"'
            f' y2="{y:.1f}"/>' + _text(LEFT - 5, y + 4, f"{top * share:g}{unit}", "end")
        )
    return "".join(lines)


def _ticks(span_s: float) -> str:
    marks = {0.0: "start", 0.25: "middle", 0.5: "middle", 0.75: "middle", 1.0: "end"}
    return "".join(
        _text(_x(share), HEIGHT - 6, _minutes(span_s * share), anchor)
        for share, anchor in marks.items()
    )


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _folded(at_s: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    points = list(zip(at_s, values, strict=True))
    fold = math.ceil(len(points) / MOST_POINTS)
    return [
        (points[begin][0], max(y for _, y in points[begin : begin + fold]))
        for begin in range(0, len(points), max(1, fold))
    ]


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
