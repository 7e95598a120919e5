"""Land: ridges one before the other, fading into the haze, with trees on the near ones.

Far to near, each ridge is a line of heights (noise) below which it hides what is behind.
Only the rows between a ridge's highest top and the next ridge's lowest are painted.
"""

import msgspec
import numpy as np

from actors.generator.painter.canvas import Canvas, lay, smooth
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.noise import along, level, sample
from actors.generator.painter.scene import Look, names
from actors.generator.painter.sky import TINY
from actors.generator.painter.strips import cut

_HEIGHTS = names("mountains volcano hills dunes meadow canyon snow city forest trees")


class Ridge(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One ridge, ready to paint."""

    near: float
    """0 (farthest) to 1 (nearest)."""

    tops: Plane
    """Height of its line over each column, shape (w,)."""

    presence: float
    """0 to 1."""


def landness(look: Look) -> float:
    """Say how much land there is at all, 0 to 1."""
    return max(look.weight[name] for name in _HEIGHTS)


def ridges(canvas: Canvas, look: Look) -> list[Ridge]:
    """Lay out the ridges, far to near."""
    present = landness(look)
    if present <= TINY:
        return _island(canvas, look)
    count = 3 + 4 * canvas.detail
    whole = int(np.ceil(count))
    made = []
    for at in range(whole):
        near = at / (whole - 1)
        share = 1.0 if at else 1 - (whole - count)
        tops = _tops(canvas, look, near, at)
        made.append(Ridge(near=near, tops=tops, presence=present * share))
    return made + _island(canvas, look)


def _tops(canvas: Canvas, look: Look, near: float, at: int) -> Plane:
    weight, trait = look.weight, look.trait
    place = look.place[at % 6] + 0.137 * at
    u = canvas.fine.x * np.float32(0.05 + 0.028 * near) + np.float32(place)
    land = trait.land
    dry = trait.horizon + 0.05 - (trait.horizon + 0.02) * near**1.25
    wet = trait.horizon + 0.016 * (1 - near)
    foot = wet + (dry - wet) * land
    far = 1 - near
    high = max(weight["mountains"], 0.8 * weight["canyon"]) * trait.peak
    tall = high * (0.05 + 0.3 * far**0.8) * (0.62 + 0.38 * land)
    soft = max(weight["hills"], weight["meadow"] * 0.7, weight["snow"] * 0.6, 0.3)
    soft *= (0.05 + 0.12 * far) * (0.35 + 0.65 * land)
    sand = weight["dunes"] * (0.1 + 0.1 * far)
    tops: Plane = foot + tall * along("peaks", u) ** 1.1
    tops += soft * (along("hills", u * 3.1 + 0.3) - 0.2) * (1 - weight["dunes"] * 0.8)
    tops += sand * (along("dunes", u * 2.2) - 0.1)
    if weight["volcano"] > TINY and at == 1:
        tops = np.maximum(tops, _cone(canvas, look))
    return np.asarray(tops, np.float32)


def _cone(canvas: Canvas, look: Look) -> Plane:
    """Raise one volcano with a broken top, off the middle."""
    x = np.abs(canvas.fine.x - np.float32(look.trait.sun_x * 0.4))
    slope = np.exp(-x * np.float32(4.6)) * np.float32(0.62)
    slope += along("rough", canvas.fine.x * 0.05) * np.float32(0.006)
    flat = np.float32(0.4) + 0.012 * along("rough", canvas.fine.x * 0.11)
    return np.asarray(look.trait.horizon + np.minimum(slope, flat) * look.weight["volcano"])


def _island(canvas: Canvas, look: Look) -> list[Ridge]:
    weight = look.weight["island"]
    if weight <= TINY:
        return []
    x = canvas.fine.x - np.float32(-look.trait.sun_x * 0.7)
    shape = np.exp(-((x / np.float32(0.2)) ** 2)) * np.float32(0.17 * weight)
    shape = shape * (0.6 + 0.7 * along("peaks", canvas.fine.x * 0.09 + look.place[2]))
    tops = np.where(shape > 0.012, look.trait.horizon + shape - 0.012, -1)  # noqa: PLR2004
    return [Ridge(near=0.62, tops=tops.astype(np.float32), presence=weight)]


def paint_land(canvas: Canvas, look: Look, chain: list[Ridge], *, front: bool) -> None:
    """Paint the ridges behind (`front` false) or before (true) a fire."""
    split = max(len(chain) - 2, 0)
    picked = range(split, len(chain)) if front else range(split)
    for at in picked:
        hidden = float(chain[at + 1].tops.min()) if at + 1 < len(chain) else -1.0
        if at + 1 < len(chain) and chain[at + 1].presence < 0.99:  # noqa: PLR2004 - see-through
            hidden = -1.0
        _ridge(canvas, look, chain[at], max(hidden, _ground(look)))


def _ground(look: Look) -> float:
    """Give the height below which water will cover the land."""
    wet = max(look.weight["lake"], look.weight["ocean"])
    return look.trait.horizon - 0.01 if wet > 0.98 else -1.0  # noqa: PLR2004 - all water


def _ridge(canvas: Canvas, look: Look, ridge: Ridge, hidden: float) -> None:
    trees = _tree_height(look, ridge.near)
    highest = float(ridge.tops.max()) + trees
    rows = slice(
        max(canvas.row(highest) - 1, 0), min(canvas.row(hidden) + 1, canvas.height)
    )
    if rows.start >= rows.stop:
        return
    below = ridge.tops - canvas.fine.up[rows]
    alpha = np.clip(below * np.float32(canvas.height) + np.float32(0.5), 0, 1)
    paint = _paint(canvas, look, ridge, below)
    view = canvas.image[:, rows]
    presence = np.float32(min(ridge.presence * 2.2, 1.0))
    lay(view, paint, alpha * presence)
    if trees > 0.004:  # noqa: PLR2004 - not to be seen
        _trees(canvas, look, ridge, rows, trees)


def _body(look: Look, near: float) -> Plane:
    """Mix the colour of a ridge by its distance, OKLab."""
    weight, lab = look.weight, look.lab
    green = max(weight["hills"] * 0.55, weight["meadow"], weight["grass"] * 0.8) * near**0.7
    grown = lab["near"] + (lab["ground"] - lab["near"]) * np.float32(min(green, 0.92))
    snow = weight["snow"] * (0.55 + 0.4 * near)
    sand = weight["dunes"]
    white = lab["lit"] * 0.5 + lab["ground"] * 0.5
    grown = grown + (white - grown) * np.float32(snow * (1 - 0.25 * look.trait.dark))
    dry = np.array([0.72, 0.045, 0.09], np.float32) * np.float32(1 - 0.62 * look.trait.dark)
    dry = dry * np.float32(0.75) + lab["light"] * np.float32(0.25 * (1 - look.trait.dark))
    grown = grown + (dry - grown) * np.float32(sand * 0.9)
    share = np.float32(near ** (0.75 + 0.5 * weight["mist"]))
    mixed: Plane = lab["far"] + (grown - lab["far"]) * share
    return mixed


def _paint(canvas: Canvas, look: Look, ridge: Ridge, below: Plane) -> Plane:
    """Colour a ridge: haze rising from its foot, light and snow on its flanks."""
    weight, near = look.weight, ridge.near
    body = linear_of_lab(_body(look, near))
    haze = linear_of_lab(look.lab["far"] * 0.5 + look.lab["mist"] * 0.5)
    thick = (0.42 + 0.36 * weight["mist"]) * (1 - near) ** 0.8
    reach = 0.3 - 0.1 * near
    rising = np.clip(below * np.float32(1 / reach), 0, 1) * np.float32(min(thick, 0.95))
    relief = _relief(canvas, look, ridge, below)
    rocky = max(weight["mountains"], weight["canyon"], weight["volcano"])
    lit = _facets(canvas, look, ridge, below)
    lit = lit * np.exp(-np.maximum(below, 0) * np.float32(7))
    tone = 1 + lit * np.float32(0.1 + 0.55 * weight["dunes"] + 0.16 * rocky)
    tone += relief * np.float32(look.trait.side * (0.02 + 0.33 * rocky) * (1 - 0.5 * near))
    tone *= 1 - 0.3 * near * np.clip(below * np.float32(2.4), 0, 1)
    out = body[:, None, None] * tone
    if weight["mountains"] > 0.3 and near < 0.8:  # noqa: PLR2004 - only high far ones
        _snowcaps(out, look, ridge, below, relief)
    lay(out, haze, rising)
    return out


def _relief(canvas: Canvas, look: Look, ridge: Ridge, below: Plane) -> Plane:
    """Look up the light on a ridge's rock: gullies that run down from its line."""
    scale = np.float32(0.55 + 0.5 * (1 - ridge.near))
    lean = np.float32(0.3 * look.trait.side)
    u = canvas.fine.x * scale + (below * lean + np.float32(ridge.near))
    v = below * scale * np.float32(0.62) + np.float32(look.place[4])
    return sample("relief", u, v, level(canvas.height))


def _facets(canvas: Canvas, look: Look, ridge: Ridge, below: Plane) -> Plane:
    """Carry the light on a ridge's line down its flanks, aslant, -1 to 1."""
    lit = np.clip(-_slope(canvas, ridge) * np.float32(look.trait.side * 2.2), -1, 1)
    bend = np.float32(0.75 * look.trait.side) + np.sin(below * 9 + ridge.near * 9) * 0.35
    columns = np.arange(canvas.width) + below * bend * np.float32(canvas.height)
    return np.asarray(lit.take(np.clip(columns, 0, canvas.width - 1).astype(np.intp)))


def _slope(canvas: Canvas, ridge: Ridge) -> Plane:
    """Give how steeply a ridge's line rises to the right, evened out, shape (w,)."""
    reach = max(canvas.height // 90, 1)
    padded = np.pad(ridge.tops, 2 * reach, mode="edge")
    wide = padded[2 * reach :] - padded[: -2 * reach]
    slope = wide[: ridge.tops.size] + wide[2 * reach : 2 * reach + ridge.tops.size]
    return np.asarray(slope * np.float32(canvas.height / (4 * reach)))


def _snowcaps(out: Plane, look: Look, ridge: Ridge, below: Plane, relief: Plane) -> None:
    """Whiten the tops, more where the rock is flat and the year is cold."""
    cold = 0.35 + 0.65 * max(look.weight["snow"], look.trait.bare)
    line_up = look.trait.horizon + 0.2 - 0.16 * cold
    up = ridge.tops - below
    edge = (
        up
        - np.float32(line_up)
        - relief * np.float32(0.03)
        - below * np.float32(0.55 - 0.4 * cold)
    )
    white = smooth(0.0, 0.035, edge)
    white *= np.float32(cold * look.weight["mountains"] * (0.75 - 0.5 * ridge.near))
    lit = np.clip(0.72 + relief * np.float32(0.4 * look.trait.side), 0.2, 1.15)
    colour = linear_of_lab(look.lab["lit"] * 0.6 + look.lab["far"] * 0.4)
    lay(out, colour[:, None, None] * lit, white)


def _tree_height(look: Look, near: float) -> float:
    """Give how tall trees stand on a ridge, in picture heights."""
    weight = look.weight
    grown = max(weight["forest"], weight["trees"], weight["city"])
    open_land = max(weight["lake"], weight["ocean"], weight["meadow"], weight["flowers"])
    reach = 0.035 + (0.3 - 0.24 * open_land) * near**2.2 + 0.04 * near
    if near < 0.25:  # noqa: PLR2004 - too far to tell trees
        return 0.0
    return float(grown * reach)


def _trees(canvas: Canvas, look: Look, ridge: Ridge, rows: slice, tall: float) -> None:
    weight, near = look.weight, ridge.near
    up = (canvas.fine.up[rows] - ridge.tops) / np.float32(tall)
    run = canvas.fine.x / np.float32(tall) + np.float32(20 + near * 31 + look.place[5] * 8)
    view = canvas.image[:, rows]
    kinds = [
        ("forest", weight["forest"]),
        ("trees", weight["trees"]),
        ("city", weight["city"]),
    ]
    for kind, share in kinds:
        if share <= TINY:
            continue
        cover, shade = cut(kind, run, up, tall * canvas.height)
        _stand(look, view, (kind, near), (cover * min(share * 1.5, 1.0), shade, up))


def _stand(
    look: Look, view: Plane, kind: tuple[str, float], drawn: tuple[Plane, Plane, Plane]
) -> None:
    """Colour a row of trees or houses and lay it."""
    (name, near), (cover, shade, up) = kind, drawn
    lab, dark = look.lab, look.trait.dark
    leaf = lab["leaf"] if name == "trees" else lab["leaf"] * 0.35 + lab["near"] * 0.65
    if name == "city":
        leaf = lab["near"]
    bloom = look.weight["blossom"] if name == "trees" else 0.0
    leaf = leaf + (lab["bloom0"] - leaf) * np.float32(bloom * 0.85)
    share = np.float32(0.3 + 0.7 * near)
    colour = linear_of_lab(lab["far"] + (leaf - lab["far"]) * share)
    haze = linear_of_lab(lab["mist"] * 0.6 + lab["far"] * 0.4)
    gain = 0.45 + shade * np.float32(1.15 - 0.35 * dark)
    foot = np.clip(0.85 - up, 0, 1) * np.float32(
        (0.35 + 0.5 * look.weight["mist"]) * (1 - near)
    )
    if name == "city":
        gain = 0.7 + 0.3 * (1 - shade)
    paint = colour[:, None, None] * gain
    if look.weight["snow"] > TINY and name != "city":
        white = linear_of_lab(lab["lit"] * 0.8 + lab["far"] * 0.2)
        lay(paint, white, smooth(0.3, 0.7, shade) * np.float32(0.6 * look.weight["snow"]))
    lay(paint, haze, foot)
    if name == "city":
        glow = np.array([1.0, 0.68, 0.28], np.float32)[:, None, None] * np.float32(
            0.25 + dark
        )
        paint = np.where(shade > 0.45, paint + glow * shade, paint)  # noqa: PLR2004 - windows
    lay(view, paint, cover)


__all__ = ["Ridge", "landness", "paint_land", "ridges"]
