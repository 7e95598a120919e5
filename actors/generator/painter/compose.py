"""Composing: a reading of the prompt and the wish's dials in, a scene out. Pure.

The order: what is asked (reading) -> what that implies (stars imply night) -> hours and
seasons -> places of things (seed) -> colours (`tint`) -> guidance against free abstraction.
"""

import numpy as np

from actors.generator.painter.palettes import HOURS, SEASONS, colours_of, darkness
from actors.generator.painter.reading import Reading, read, sense
from actors.generator.painter.scene import COLOURS, ELEMENTS, PLACES, TRAITS, Scene, names
from actors.generator.painter.tint import meaning_colours, tinted
from protocols.pictures import PictureWish

LANDSCAPE = frozenset(
    names("""
    sky clouds storm rain snowfall mist rainbow rays aurora sun moon stars galaxy comet
    eclipse mountains volcano hills dunes meadow island canyon snow city lake ocean river
    waterfall forest trees flowers lotus grass fire embers candle fireflies birds beach
""")
)
FIGURES = frozenset(names("mandala flower_of_life spiral rings polygons crystal"))
_NEEDS = (
    ("night", "stars", 0.5),
    ("city", "hills", 0.4),
    ("forest", "hills", 0.4),
    ("trees", "hills", 0.4),
    ("galaxy", "stars", 0.9),
    ("aurora", "stars", 0.8),
    ("fireflies", "grass", 0.5),
    ("candle", "stars", 0.2),
)
"""What is asked -> what belongs to it, and how much of it."""

_WATERS = frozenset(names("lake ocean"))
_LIGHTS = frozenset(names("sun moon stars aurora comet rainbow"))
_FLOORS = LANDSCAPE - _LIGHTS - frozenset(names("sky clouds storm rain snowfall mist rays"))
IN_THE_AIR = 0.35
"""Share of its strength that a figure keeps in a landscape."""

PAINTERLY = frozenset(names("fields flow marble abstract"))

_HOUR_HINTS = (
    ("stars", "night", 0.9),
    ("moon", "night", 0.8),
    ("galaxy", "night", 1.0),
    ("aurora", "night", 1.0),
    ("fireflies", "night", 0.7),
    ("comet", "night", 0.8),
    ("candle", "night", 0.8),
    ("fire", "night", 0.6),
    ("embers", "night", 0.6),
    ("volcano", "dusk", 0.8),
    ("city", "twilight", 0.5),
    ("sun", "golden", 0.5),
    ("sun", "day", 0.35),
    ("rays", "golden", 0.5),
    ("mystic", "twilight", 0.35),
    ("storm", "day", 0.6),
    ("storm", "twilight", 0.25),
)
"""Element or mood -> hour that it suggests when the prompt names none, and how much."""


def compose(wish: PictureWish) -> Scene:
    """Turn a wish into the scene that its frames glide to.

    `moment_s`, size and session do not matter here, except that the shape of the picture
    places sun and moon within it.
    """
    reading = read(wish.prompt)
    denied = reading.denied | read(wish.negative_prompt).strengths.keys()
    asked = {k: v for k, v in reading.strengths.items() if k not in denied}
    strict = _strictness(wish.guidance_scale)
    weights = {k: min(v, 1.0) for k, v in asked.items() if k in ELEMENTS}
    _step_back(weights)
    _imply(weights, asked, reading)
    hours = _hours(asked, denied)
    for name in denied:
        weights.pop(name, None)
    _abstain(weights, reading, strict)
    rng = np.random.default_rng(wish.seed % 2**63)
    places = rng.random(PLACES).astype(np.float32)
    traits = _traits(wish, asked, weights, hours, places)
    seasons = {s: asked.get(s, 0.0) for s in SEASONS}
    seasons["summer"] += 0.05
    colours = colours_of(hours, seasons)
    colours |= meaning_colours(sense(wish.prompt), wish)
    colours = tinted(colours, reading, wish, asked)
    return Scene(
        weights=np.array([weights.get(name, 0.0) for name in ELEMENTS], np.float32),
        traits=np.array([traits[name] for name in TRAITS], np.float32),
        colours=np.stack([colours[name] for name in COLOURS]).astype(np.float32),
        places=places,
        drift=0.0,
        ripple=0.0,
    )


def _share(weights: dict[str, float], names: frozenset[str]) -> float:
    return max((weights.get(name, 0.0) for name in names), default=0.0)


def _strictness(guidance: float) -> float:
    """Say how much of the picture the prompt owns: 0 at 0, all from 6 on."""
    left = max(1 - guidance / 6, 0.0)
    return 1 - left**2


def _step_back(weights: dict[str, float]) -> None:
    """A figure that is named after a landscape is a light in its air, not its subject."""
    subject = next((name for name in weights if name in LANDSCAPE | FIGURES), "")
    if subject in LANDSCAPE:
        for name in FIGURES & weights.keys():
            weights[name] *= IN_THE_AIR


def _imply(weights: dict[str, float], asked: dict[str, float], reading: Reading) -> None:
    """Add what the asked things need around them."""
    scenery = _share(weights, LANDSCAPE)
    if not scenery and any(name in asked for name in (*HOURS, *SEASONS)):
        grown = "snow" if "winter" in asked else "trees"
        weights |= {"sky": 1.0, "hills": 0.7, grown: 0.6}
        scenery = 1.0
    for cause, effect, amount in _NEEDS:
        if cause in asked or cause in weights:
            strength = max(asked.get(cause, 0.0), weights.get(cause, 0.0))
            lifted = min(amount * strength, 1.0)
            weights[effect] = max(weights.get(effect, 0.0), lifted if scenery else 0.0)
    if scenery and not _share(weights, _FLOORS):
        weights["hills"] = 0.5 * _share(weights, _LIGHTS)
    if "lotus" in asked:
        for name in ("flowers", "meadow"):
            weights.pop(name, None)
    season = max(asked.get("autumn", 0.0), asked.get("spring", 0.0))
    if season and weights.get("forest"):
        weights["trees"] = max(weights.get("trees", 0.0), weights["forest"])
        weights["forest"] *= 1 - 0.8 * min(season, 1.0)
    if scenery:
        least = 0.0 if "candle" in asked else 0.22 if "night" in asked else 0.35
        weights["clouds"] = max(weights.get("clouds", 0.0), least)
        weights["sky"] = scenery
    if reading.strengths.get("calm") and _share(weights, _WATERS):
        weights["mist"] = max(weights.get("mist", 0.0), 0.2)


def _hours(asked: dict[str, float], denied: frozenset[str] | set[str]) -> dict[str, float]:
    """Find the hours of the picture: those named, else those suggested, else a fair day."""
    named = {hour: asked.get(hour, 0.0) for hour in HOURS}
    if max(named.values()) < 0.3:  # noqa: PLR2004 - a hint of an hour only
        for element, hour, amount in _HOUR_HINTS:
            if element in asked:
                named[hour] += amount * asked[element]
    hours = {hour: value for hour, value in named.items() if value and hour not in denied}
    return hours or {"day": 0.7, "dawn": 0.3}


def _abstain(weights: dict[str, float], reading: Reading, strict: float) -> None:
    """Make room for abstraction where the prompt leaves it or guidance lets go."""
    drawn = max(weights.values(), default=0.0)
    strange, known = len(reading.strange), len(reading.known)
    loose = 0.35 * (strange / max(strange + known, 1)) ** 2 if drawn else 1.0
    if drawn and _share(weights, LANDSCAPE | FIGURES | PAINTERLY) == 0:
        loose = 0.0 if weights.get("glow") else 1.0
    if reading.colours and not drawn:
        weights["fields"], loose = 1.0, 0.0
    elif not drawn and reading.known and not strange:
        weights["glow"], loose = 0.8, 1.0
    for name in weights:
        weights[name] *= strict
    weights["abstract"] = max(weights.get("abstract", 0.0), loose, 1 - strict)


def _traits(
    wish: PictureWish,
    asked: dict[str, float],
    weights: dict[str, float],
    hours: dict[str, float],
    places: "np.typing.NDArray[np.float32]",
) -> dict[str, float]:
    aspect = wish.width / wish.height
    reach = min(aspect, 1.8) * 0.5
    throw = places.tolist()
    side = 1.0 if throw[0] > 0.5 else -1.0  # noqa: PLR2004 - a coin
    total = sum(hours.values())
    day = hours.get("day", 0.0) / total
    low = (hours.get("dusk", 0.0) + hours.get("dawn", 0.0)) / total
    wet = max(weights.get("lake", 0.0), weights.get("ocean", 0.0))
    horizon = _horizon(asked, weights)
    meaning = (sense(wish.prompt) * 0.5 + 0.5).clip(0, 1).tolist()
    sun_up = horizon + (0.19 - 0.1 * low + 0.24 * day) * (1 + 0.25 * (throw[1] - 0.5))
    energy = wish.arousal
    return {
        "horizon": horizon,
        "sun_x": side * reach * (0.12 + 0.4 * throw[2]),
        "sun_up": min(sun_up, 0.86),
        "sun_size": 0.055 + 0.022 * low + 0.012 * throw[3],
        "moon_x": -side * reach * (0.1 + 0.42 * throw[4]),
        "moon_up": 0.66 + 0.18 * throw[5],
        "moon_size": 0.058 + 0.02 * throw[6] + 0.018 * asked.get("full", 0.0),
        "moon_phase": 0.0 if "full" in asked else 0.62 if "crescent" in asked else 0.1,
        "dark": darkness(hours),
        "wind": 0.3 + 0.5 * asked.get("wind", 0.0) + 0.2 * energy,
        "chop": min(0.18 + 0.7 * asked.get("chop", 0.0) + 0.12 * energy, 1.0)
        * (0.45 if "calm" in asked else 1.0),
        "peak": 1.0 + 0.25 * asked.get("dramatic", 0.0) - 0.2 * asked.get("calm", 0.0),
        "detail": min(wish.steps / 50, 1.0),
        "contrast": _contrast(wish, asked),
        "vignette": 0.24 + 0.12 * asked.get("dramatic", 0.0) - 0.08 * wish.valence,
        "land": 1.0 - wet,
        "scale": meaning[0],
        "warp": meaning[1] * 0.8 + 0.2 + 0.15 * energy,
        "bands": meaning[2],
        "angle": meaning[3],
        "fold": meaning[4],
        "shift": meaning[5],
        "symmetry": meaning[6],
        "side": side,
        "bare": asked.get("winter", 0.0),
    }


def _horizon(asked: dict[str, float], weights: dict[str, float]) -> float:
    """Say how high the horizon is, as a share of the height."""
    if weights.get("ocean", 0) > weights.get("mountains", 0):
        return 0.4 - 0.06 * max(asked.get("vast", 0.0), asked.get("sky", 0.0))
    if max(weights.get("flowers", 0.0), weights.get("meadow", 0.0)) > 0:
        return 0.5
    if max(weights.get(n, 0.0) for n in ("galaxy", "aurora", "comet", "stars")) > 0.9:  # noqa: PLR2004
        return 0.26
    if not _share(weights, _FLOORS) and not _share(weights, _LIGHTS):
        return 0.14
    return 0.36 - 0.05 * asked.get("sky", 0.0)


def _contrast(wish: PictureWish, asked: dict[str, float]) -> float:
    """Say how hard the picture is, 1 being as painted."""
    hard = 1.0 + 0.02 * (wish.guidance_scale - 7.5) + 0.16 * wish.arousal
    hard += 0.14 * asked.get("dramatic", 0.0) - 0.16 * asked.get("soft", 0.0)
    return float(np.clip(hard - 0.06 * asked.get("calm", 0.0), 0.6, 1.5))
