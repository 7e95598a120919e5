"""The sky: gradient, glow of the lights, galaxy, aurora, rainbow, clouds, stars.

Soft parts are painted together on the coarse grid, then stretched once; stars come after,
at full size, dimmed where clouds hide them.
"""

from math import pi

import numpy as np

from actors.generator.painter.canvas import Canvas, lay, shine, smooth
from actors.generator.painter.colour import Plane, linear_of_lab, ramp
from actors.generator.painter.noise import along, level, sample
from actors.generator.painter.scene import Look
from actors.generator.painter.splat import dots

TINY = 0.01
"""Weights below this are not drawn."""

_STARS = 900
_TWINKLE_HZ = 0.12


def paint_sky(canvas: Canvas, look: Look) -> None:
    """Fill the whole canvas with sky; whatever stands before it comes later."""
    soft = canvas.soft
    image = np.empty((3, soft.height, soft.width), np.float32)
    _gradient(image, canvas, look)
    for name, brush in _BRUSHES:
        if look.weight[name] > TINY:
            brush(image, canvas, look)
    _glow(image, canvas, look)
    _clouds(image, canvas, look)
    canvas.image[...] = canvas.stretched(image)
    if look.weight["stars"] > TINY:
        _stars(canvas, look)
    if look.weight["comet"] > TINY:
        _comet(canvas, look)


def _gradient(image: Plane, canvas: Canvas, look: Look) -> None:
    horizon = look.trait.horizon
    rise = 1 - horizon
    places = [horizon - 0.02, horizon + 0.2 * rise, horizon + 0.52 * rise, 1.0]
    stops = look.lab_stack("sky0", "sky1", "sky2", "sky3")
    image[...] = ramp(stops, places, canvas.soft.up)


def _glow(image: Plane, canvas: Canvas, look: Look) -> None:
    """Add the light around sun and moon."""
    soft, trait = canvas.soft, look.trait
    for name, x, up, gain in (
        ("sun", trait.sun_x, trait.sun_up, 1.0),
        ("moon", trait.moon_x, trait.moon_up, 0.3),
    ):
        weight = look.weight[name]
        if weight <= TINY:
            continue
        square = (soft.x - np.float32(x)) ** 2 + ((soft.up - np.float32(up)) * 1.25) ** 2
        wide = np.exp(square * np.float32(-3.2)) * np.float32(0.2)
        near = np.float32(0.55) / (1 + square * np.float32(130))
        close = np.exp(square * np.float32(-60)) * np.float32(0.35)
        colour = look.light["light"] * 0.75 + look.light[name] * 0.25
        shine(image, colour, (near + close) * np.float32(gain * weight))
        air = colour * np.float32(1 - 0.6 * trait.dark) + look.light["sky0"] * trait.dark
        shine(image, air, wide * np.float32(gain * weight))


def _radiance(image: Plane, canvas: Canvas, look: Look) -> None:
    """Let the air itself shine, most where sky and ground meet."""
    rise = (canvas.soft.up - np.float32(look.trait.horizon)) / np.float32(0.2)
    amount = np.exp(-(rise**2)) * np.float32(0.2 * look.weight["glow"])
    shine(image, look.light["light"], amount)


def _galaxy(image: Plane, canvas: Canvas, look: Look) -> None:
    soft, weight = canvas.soft, look.weight["galaxy"]
    tilt = 0.95 * look.trait.side
    x, up = soft.x, soft.up - np.float32(0.66)
    across = up * np.float32(np.cos(tilt)) - x * np.float32(np.sin(tilt))
    run = x * np.float32(np.cos(tilt)) + up * np.float32(np.sin(tilt))
    side = level(soft.height)
    warp = sample("cloud", run * 0.35 + look.place[6], across * 0.35, side)
    lane = sample("cloud", run * 0.55 + look.place[7], across * 0.75 + warp * 0.03, side)
    across = across + warp * np.float32(0.035)
    band = np.exp(across**2 * np.float32(-26)) * np.clip(0.62 + 0.3 * warp, 0, 2)
    dust = np.clip(
        0.85 + 0.55 * lane - 0.9 * np.exp(across**2 * np.float32(-240)), 0.05, 1.6
    )
    band = band * dust * np.float32(weight)
    core = band * np.exp(run**2 * np.float32(-3.5))
    shine(image, linear_of_lab(np.array([0.52, 0.02, -0.08], np.float32)), band * 1.1)
    shine(image, linear_of_lab(np.array([0.66, 0.07, 0.02], np.float32)), core * 0.75)
    wisp = np.clip(lane * 0.5 + warp * 0.4, 0, 2) ** 2 * np.exp(across**2 * np.float32(-5))
    shine(image, look.light["aurora"] * 0.25 + look.light["light"] * 0.1,
          wisp * np.float32(0.16 * weight))  # fmt: skip


def _aurora(image: Plane, canvas: Canvas, look: Look) -> None:
    soft, weight, time = canvas.soft, look.weight["aurora"], look.drift
    violet = linear_of_lab(np.array([0.6, 0.14, -0.13], np.float32))
    for curtain in range(3):
        phase = look.place[8 + curtain] + curtain * 0.37
        x = soft.x * np.float32(0.9 - 0.16 * curtain)
        fold = along("hills", x * 0.13 + phase + time * 0.0004)
        ray = along("hills", x * 1.7 + fold * 0.9 + phase + time * 0.004)
        foot = 0.46 + 0.1 * curtain + (fold - 0.5) * 0.42
        rise = soft.up - foot[None, :].astype(np.float32)
        reach = 0.07 + 0.34 * np.clip(ray, 0, 1.4) ** 1.5
        glow = np.exp(-np.maximum(rise, 0) / reach) * smooth(-0.035, 0.012, rise)
        glow *= np.clip(0.25 + 1.1 * ray - 0.25 * curtain, 0, 1.5) * np.float32(
            weight * 0.62
        )
        high = np.clip(rise * np.float32(3.2), 0, 1)
        shine(image, look.light["aurora"], glow * (1 - high))
        shine(image, violet, glow * high * np.float32(1.1))


def _rainbow(image: Plane, canvas: Canvas, look: Look) -> None:
    soft = canvas.soft
    x, up = soft.x + np.float32(look.trait.sun_x * 0.5), soft.up - np.float32(0.08)
    radius = np.hypot(x, up)
    step = np.clip((radius - np.float32(0.6)) / np.float32(0.075), -0.4, 1.4)
    band = np.exp(-((step - 0.5) ** 2) * np.float32(5.5)) * np.float32(0.3)
    band *= np.float32(look.weight["rainbow"])
    for plane, centre in zip(image, (0.86, 0.5, 0.16), strict=True):
        tint = np.exp(-((step - np.float32(centre)) ** 2) * np.float32(11))
        np.add(plane, band * tint, out=plane)
    image += (radius < 0.6) * np.float32(0.025 * look.weight["rainbow"])  # noqa: PLR2004


def _rays(image: Plane, canvas: Canvas, look: Look) -> None:
    soft, trait = canvas.soft, look.trait
    x, up = soft.x - np.float32(trait.sun_x), soft.up - np.float32(trait.sun_up)
    turns = np.arctan2(up, x) / np.float32(2 * pi)
    beams = along("hills", turns * 3.0 + look.place[3] + look.drift * 0.0004)
    reach = np.exp(-(x**2 + up**2) * np.float32(2.6))
    beam = smooth(0.42, 0.95, beams) * reach * np.float32(0.5 * look.weight["rays"])
    shine(image, look.light["light"], beam)


_BRUSHES = (
    ("glow", _radiance),
    ("galaxy", _galaxy),
    ("aurora", _aurora),
    ("rainbow", _rainbow),
    ("rays", _rays),
)


def _clouds(image: Plane, canvas: Canvas, look: Look) -> None:
    """Lay clouds on a plane overhead, lit from the side of the sun."""
    cover = max(look.weight["clouds"], look.weight["overcast"], look.weight["storm"])
    if cover <= TINY:
        return
    soft, trait = canvas.soft, look.trait
    rows = int(np.clip((1 - trait.horizon + 0.02) * soft.height, 1, soft.height))
    rise = soft.up[:rows] - np.float32(trait.horizon)
    depth = 1 / (np.maximum(rise, 0) + np.float32(0.2))
    u = soft.x * depth * np.float32(0.2) + np.float32(look.place[9] + look.drift * 0.0016)
    v = depth * np.float32(0.235) + np.float32(look.place[10])
    side = level(soft.height * 1.5)
    warp = sample("cloud", u * 0.7 + 0.31, v * 0.7, side) * np.float32(0.035)
    body = sample("cloud", u + warp, v - warp * 0.7, side)
    lean = -0.012 if trait.sun_x > 0 else 0.012
    lean *= max(look.weight["sun"], 0.4)
    toward = sample("cloud", u + warp - np.float32(lean), v - warp * 0.7 + 0.012, side)
    heavy = max(look.weight["storm"], look.weight["overcast"] * 0.8)
    dense = smooth(1.15 - 1.5 * cover - 0.9 * heavy, 2.3 - 1.2 * cover - 0.7 * heavy, body)
    alpha = dense * smooth(-0.01, 0.1, rise) * np.float32(min(cover * 2.2, 0.96))
    lit = np.clip(0.58 + (toward - body) * -1.1 - 0.2 * dense - 0.42 * heavy, 0, 1)
    square = (soft.x - np.float32(trait.sun_x)) ** 2
    square = square + (soft.up[:rows] - np.float32(trait.sun_up)) ** 2
    rim = np.exp(square * np.float32(-7)) * np.float32(0.45 * look.weight["sun"])
    lit = np.clip(lit + rim * (1 - dense), 0, 1.3)
    shade, bright = look.light["shade"], look.light["lit"]
    hide = alpha * (smooth(0.0, 0.22, rise) * np.float32(0.72) + np.float32(0.28))
    for plane, low, high in zip(image[:, :rows], shade, bright, strict=True):
        change = low + (high - low) * lit - plane
        np.add(plane, change * hide, out=plane)
    canvas.veil[:rows] = alpha


def _stars(canvas: Canvas, look: Look) -> None:
    rng = np.random.default_rng(7)
    count = int(_STARS * (0.3 + 0.7 * canvas.detail) * max(canvas.aspect, 0.6))
    u, v, bright, tone, phase = rng.random((count, 5)).astype(np.float32).T
    x = ((u + np.float32(look.place[11])) % 1 - np.float32(0.5)) * np.float32(canvas.aspect)
    up = (v + np.float32(look.place[12])) % 1
    magnitude = (1 - bright * 0.995) ** -0.62 * 0.09
    twinkle = 1 + 0.25 * np.sin(
        2 * pi * (phase + look.ripple * _TWINKLE_HZ * (0.4 + 0.6 * tone))
    )
    soft = canvas.soft
    rows = np.minimum(((1 - up) * soft.height).astype(np.intp), soft.height - 1)
    columns = ((x / canvas.aspect + 0.5) * soft.width).astype(np.intp)
    clear = 1 - canvas.veil[rows, np.minimum(columns, soft.width - 1)]
    low = smooth(look.trait.horizon, look.trait.horizon + 0.25, up)
    strength = np.minimum(magnitude, 1.4) * twinkle * clear * low
    strength *= np.float32(look.weight["stars"] * (0.25 + 0.75 * look.trait.dark))
    warm = (tone - np.float32(0.5))[None] * np.array([[0.5], [0.05], [-0.55]], np.float32)
    colours = np.clip(1 + warm, 0, 2) * strength
    large = magnitude > 0.42  # noqa: PLR2004 - the few bright ones
    unit = canvas.height / 512
    dots(canvas, x[~large], up[~large], 0.62 * unit, colours[:, ~large] * 1.2)
    dots(canvas, x[large], up[large], 1.15 * unit, colours[:, large])
    dots(canvas, x[large], up[large], 3.6 * unit, colours[:, large] * 0.06)


def _comet(canvas: Canvas, look: Look) -> None:
    """Draw one comet with its tail, which points away from the horizon."""
    along_tail = np.linspace(0, 1, 60, dtype=np.float32)
    x = look.trait.moon_x * 0.6 + along_tail * np.float32(0.34 * look.trait.side)
    up = np.float32(0.62) + along_tail * np.float32(0.2)
    fade = (1 - along_tail) ** 2 * np.float32(look.weight["comet"] * 0.5)
    tone = np.stack([look.light["light"] * 0.8 + 0.2] * 60, axis=1)
    dots(canvas, x, up, canvas.height * 0.0035, (tone * fade).astype(np.float32))
    dots(canvas, x[:1], up[:1], canvas.height * 0.006, tone[:, :1] * look.weight["comet"])


def dim(canvas: Canvas, rows: slice, columns: slice, share: float) -> Plane:
    """Say how much of a light behind the clouds comes through in a window."""
    veil = canvas.stretched(canvas.veil)[rows, columns]
    return 1 - veil * np.float32(share)


__all__ = ["TINY", "dim", "lay", "paint_sky"]
