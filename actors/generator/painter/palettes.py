"""Palettes: the colours of hours and seasons, blended in OKLab.

Comes in: how much of each hour and season; goes out: a colour for every name of
`scene.COLOURS` that light and growth decide.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from actors.generator.painter.colour import Plane, lab_of_hex
from actors.generator.painter.scene import names

_HOUR_SLOTS = names("sky0 sky1 sky2 sky3 light lit shade far near deep mist")
_HOURS = {
    "dawn": """
        #ffe0b0 #f8b8a2 #b9a0c6 #5a78b4 #ffd59a #ffdcc0
        #a08fb4 #8a86b6 #26344f #3a5f86 #f6dccb
    """,
    "day": """
        #e9f2ee #b4d9ec #63a9e0 #1f63b6 #fff3d2 #ffffff
        #93a9c2 #7fa6c6 #2d5340 #125a86 #eef3f4
    """,
    "golden": """
        #ffe49a #fbbd66 #d79873 #66789f #ffc562 #ffe2a4
        #a4785f #b08664 #3c3a25 #4b5d6c #f9dda6
    """,
    "dusk": """
        #ffbe5a #f0704a #93406f #262458 #ff9148 #ff9e6c
        #5d3a66 #80476a #1a142c #2c2852 #e08a6c
    """,
    "twilight": """
        #eea683 #94609c #3d3f86 #0f1744 #ffcbb0 #b983aa
        #35305f #4e4b86 #0e112a #1b2352 #7d72a8
    """,
    "night": """
        #2a4a78 #16305f #0b1b40 #030818 #dfe9ff #62739f
        #111a38 #1c315a #050a17 #081b3a #4a6288
    """,
}
_SEASON_SLOTS = names("leaf ground bloom0 bloom1 bloom2")
_SEASONS = {
    "spring": "#78b04a #93c453 #f29bb7 #fdf0a0 #c09ae6",
    "summer": "#2f6a30 #719c3a #e5442f #f7cb36 #f4effa",
    "autumn": "#cc5f1c #b8893a #d9702a #9a2f26 #eab549",
    "winter": "#4a646e #e4ecf3 #d5deef #b9c9e2 #f3f6fb",
}
HOURS, SEASONS = tuple(_HOURS), tuple(_SEASONS)
_FADING = {
    "dawn": 0.4,
    "day": 0.05,
    "golden": 0.35,
    "dusk": 0.72,
    "twilight": 0.84,
    "night": 0.9,
}
_DARKNESS = {
    "dawn": 0.2,
    "day": 0.0,
    "golden": 0.1,
    "dusk": 0.45,
    "twilight": 0.75,
    "night": 1.0,
}


def _table(rows: Mapping[Any, str]) -> Plane:
    return np.stack([[lab_of_hex(code) for code in row.split()] for row in rows.values()])


_HOUR_LAB, _SEASON_LAB = _table(_HOURS), _table(_SEASONS)


def _shares(amounts: dict[str, float], names: tuple[str, ...]) -> Plane:
    raw = np.array([amounts.get(name, 0.0) for name in names], np.float32)
    return np.asarray(raw / max(float(raw.sum()), 1e-6), np.float32)


def darkness(hours: dict[str, float]) -> float:
    """Say how dark the hours are together, 0 (day) to 1 (night)."""
    return float(_shares(hours, HOURS) @ np.array([_DARKNESS[h] for h in HOURS]))


def colours_of(hours: dict[str, float], seasons: dict[str, float]) -> dict[str, Plane]:
    """Blend the palettes.

    Args:
        hours: name of `HOURS` -> amount, at least one above 0.
        seasons: name of `SEASONS` -> amount, at least one above 0.

    Returns:
        Colour name -> OKLab, shape (3,).
    """
    shares = _shares(hours, HOURS)
    mixed = np.einsum("h,hsc->sc", shares, _HOUR_LAB)
    found = dict(zip(_HOUR_SLOTS, mixed, strict=True))
    grown = np.einsum("h,hsc->sc", _shares(seasons, SEASONS), _SEASON_LAB)
    fade = float(shares @ np.array([_FADING[hour] for hour in HOURS]))
    for name, lab in zip(_SEASON_SLOTS, grown, strict=True):
        keep = 1 - fade * (0.8 if name.startswith("bloom") else 1.0)
        dim = found["near"] * np.float32(1.3)
        found[name] = np.asarray(lab * keep + dim * (1 - keep), np.float32)
    return found


_HARMONIES = """
    #0b1d3a #1f4e79 #3fa7a5 #f2d7a0 #fdf6e3
    #1a0b2e #5b2a86 #d1495b #edae49 #fff1d0
    #14213d #2a6f97 #8fc7dd #f4a261 #fff3e0
    #0d1b1e #2f5d50 #84a98c #e9c46a #faf3dd
    #2b0f1c #7b1e3a #e07a5f #f2cc8f #fbf1e3
    #10002b #3c096c #9d4edd #ff9ecf #fff0fa
    #001219 #0a6f78 #6fbfae #ee9b00 #fefae0
    #1b1b2f #1f4068 #e43f5a #f7b267 #fdeeda
    #141210 #4a4038 #b08d57 #e6d5b8 #fbf7ef
    #1a0408 #6a0f1c #d8321e #faa307 #fff3c4
    #0b132b #3a506b #5bc0be #cdb4db #f8edeb
    #22223b #4a4e69 #a2778c #dba39a #f6e9e0
"""
_HARMONY_LAB = _table(dict(enumerate(_HARMONIES.strip().splitlines())))


def harmony(choice: float, turn: float) -> Plane:
    """Pick five colours that hang together, dark to light.

    Args:
        choice: 0 to 1, which.
        turn: how far to turn all hues, turns.

    Returns:
        OKLab, shape (5, 3).
    """
    picked = _HARMONY_LAB[min(int(choice * len(_HARMONY_LAB)), len(_HARMONY_LAB) - 1)]
    cosine, sine = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
    _, a, b = picked.T
    turned = [picked[:, 0], a * cosine - b * sine, a * sine + b * cosine]
    return np.stack(turned, axis=1).astype(np.float32)
