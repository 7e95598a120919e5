"""Tinting: how named colours, a palette, moods and guidance change a scene's colours.

All in OKLab. A colour bound to a noun (`red sun`) changes that thing and leaks a little
into its light; a free colour (`violet and indigo light`) leads the whole picture.
"""

import numpy as np

from actors.generator.painter.colour import Plane, lab_of_hex, lab_of_srgb
from actors.generator.painter.palettes import harmony
from actors.generator.painter.reading import Reading
from actors.generator.painter.scene import names
from protocols.pictures import PictureWish

Colours = dict[str, Plane]

_PARTS = {
    "sky": "sky0 sky1 sky2 sky3",
    "sun": "sun light",
    "moon": "moon light",
    "stars": "light",
    "clouds": "lit shade",
    "mountains": "far near",
    "hills": "far near",
    "dunes": "ground far",
    "sand": "ground",
    "meadow": "ground",
    "grass": "ground",
    "snow": "ground",
    "ocean": "deep",
    "lake": "deep",
    "water": "deep",
    "flowers": "bloom0 bloom1 bloom2",
    "trees": "leaf",
    "forest": "leaf near",
    "fire": "fire",
    "mist": "mist",
    "aurora": "aurora",
    "glow": "light a2",
    "mandala": "line",
    "flower_of_life": "line",
    "spiral": "line",
    "rings": "line",
    "polygons": "line",
    "crystal": "line a2 a3",
    "fields": "a0 a1 a2 a3 a4",
    "flow": "a0 a1 a2 a3 a4",
    "marble": "a0 a1 a2 a3 a4",
    "galaxy": "aurora",
    "fireflies": "light",
    "lotus": "bloom0 bloom1 bloom2",
}
_LEADS = names("sky0 sky1 sky2 sky3 lit shade far near deep mist light a0 a1 a2 a3 a4 line")
_LIGHT_LED = (0.25, 0.6, 0.75, 0.65, 0.3)
"""How far the lightness of a0 to a4 follows a lead."""

_SKIES = frozenset(names("sky0 sky1 sky2 sky3 lit shade far mist deep"))


def meaning_colours(sense: Plane, wish: PictureWish) -> Colours:
    """Choose the colours of abstraction from a prompt's meaning, shape (3,) each."""
    choice = float(sense[7] * 0.5 + 0.5) % 1
    turn = 0.03 * float(sense[8]) + 0.02 * ((wish.seed % 5) - 2)
    tones = harmony(choice, turn)
    return {
        **{f"a{at}": tone for at, tone in enumerate(tones)},
        "sun": lab_of_hex("#fff0c8"),
        "moon": lab_of_hex("#f4f1e4"),
        "fire": lab_of_hex("#ff7a1c"),
        "line": lab_of_hex("#ffd991"),
        "aurora": lab_of_hex("#4df0a8"),
    }


def tinted(
    colours: Colours, reading: Reading, wish: PictureWish, asked: dict[str, float]
) -> Colours:
    """Lay the wish's colours over the natural ones; gives a new dictionary."""
    made = dict(colours)
    _overcast(made, asked)
    leads = [np.array(lab, np.float32) for lab in reading.colours]
    if leads:
        _lead(made, leads, 0.62)
    for part, lab in reading.bound.items():
        _bind(made, part, np.array(lab, np.float32))
    if wish.palette:
        _lead(made, [lab_of_srgb(colour) for colour in wish.palette], 0.5)
    _mood(made, wish, asked)
    return made


def _overcast(made: Colours, asked: dict[str, float]) -> None:
    """Grey the sky under cloud and rain; darken it under a storm."""
    grey, dark = asked.get("overcast", 0.0), asked.get("storm", 0.0)
    grey = min(grey + dark * 0.75, 1.0)
    for name in _SKIES:
        scale = np.array([1 - 0.1 * grey - 0.26 * dark, 1 - 0.6 * grey, 1 - 0.6 * grey])
        made[name] = (made[name] * scale).astype(np.float32)


def _pull(now: Plane, to: Plane, amount: float, lightness: float) -> Plane:
    """Pull a colour's hue and chroma by `amount`, its lightness by less."""
    share = np.array([amount * lightness, amount, amount], np.float32)
    return (now + (to - now) * share).astype(np.float32)


def _lead(made: Colours, leads: list[Plane], amount: float) -> None:
    bright = max(leads, key=lambda lab: float(lab[0]))
    for at, name in enumerate(_LEADS):
        if name in {"light", "line", "a4", "lit"}:
            made[name] = _pull(made[name], bright, amount * 0.75, 0.15)
        elif name.startswith("a"):
            lead = leads[int(name[1]) % len(leads)]
            made[name] = _pull(
                made[name], lead, min(amount * 1.5, 1), _LIGHT_LED[int(name[1])]
            )
        else:
            made[name] = _pull(made[name], leads[at % len(leads)], amount, 0.22)


def _bind(made: Colours, part: str, lab: Plane) -> None:
    names = _PARTS.get(part, "").split()
    for at, name in enumerate(names):
        if part in {"sky", "mountains", "hills", "forest"}:
            made[name] = _pull(made[name], lab, 0.85, 0.3)
        elif part in {"sun", "moon"} and at:
            made[name] = _pull(made[name], lab, 0.6, 0.3)
        else:
            made[name] = _pull(made[name], lab, 0.95, 0.8 if at == 0 else 0.45)
    if part in {"sun", "fire"}:
        for name in ("sky0", "sky1", "lit"):
            made[name] = _pull(made[name], lab, 0.45, 0.2)
    if part == "moon":
        for name in ("sky1", "sky2", "sky3", "deep"):
            made[name] = _pull(made[name], lab, 0.35, 0.0)


def _mood(made: Colours, wish: PictureWish, asked: dict[str, float]) -> None:
    """Warm or cool, brighten or dim, fill or drain all colours by mood and guidance."""
    joy = wish.valence + 0.6 * asked.get("joyful", 0.0) - 0.8 * asked.get("sad", 0.0)
    year = asked.get("autumn", 0.0) + 0.5 * asked.get("summer", 0.0)
    year -= 0.7 * asked.get("spring", 0.0)
    heat = 0.014 * (
        joy + 0.7 * year + 1.6 * asked.get("warm", 0.0) - 1.6 * asked.get("cold", 0.0)
    )
    fill = 1 + 0.016 * (wish.guidance_scale - 7.5) + 0.14 * joy + 0.1 * wish.arousal
    fill -= 0.3 * asked.get("soft", 0.0) - 0.1 * asked.get("summer", 0.0)
    violet = 0.035 * asked.get("mystic", 0.0)
    scale = np.array([1 + 0.045 * joy, fill, fill], np.float32)
    shift = np.array(
        [0.05 * asked.get("soft", 0.0), heat * 0.5 + violet, heat * 1.8 - violet]
    )
    for name, lab in made.items():
        made[name] = (lab * scale + shift).astype(np.float32)
