"""Where channels are on the head, from their names. Pure.

The places are those of the 10-20 system and its 10-10 extension (Klem et al., IFCN
recommendations, 1999; Oostenveld and Praamstra, Clin. Neurophysiol. 112, 2001). A headset
that gives no such names is one region: the whole head.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

FRONTAL_PAIRS: Final = (
    ("F3", "F4"),
    ("F7", "F8"),
    ("AF3", "AF4"),
    ("AF7", "AF8"),
    ("FP1", "FP2"),
)
"""Left and right."""

REGIONS: Final = ("frontal", "central", "temporal", "parietal", "occipital")
SIDES: Final = ("left", "middle", "right")
CELLS: Final = tuple((region, side) for region in REGIONS for side in SIDES)
"""The head in fifteen cells, in the order in which the vector has them."""

_REGION_OF: Final = {
    "FP": "frontal",
    "AF": "frontal",
    "F": "frontal",
    "FC": "central",
    "C": "central",
    "FT": "temporal",
    "T": "temporal",
    "TP": "temporal",
    "CP": "parietal",
    "P": "parietal",
    "PO": "occipital",
    "O": "occipital",
}
_TODAY: Final = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
"""Four names of the older 10-20 system."""

_NAME: Final = re.compile(
    r"(?:EEG[ _-]*)?"
    r"((?:FP|AF|FC|FT|F|CP|C|TP|T|PO|P|O)(?:10|[1-9]|Z))"
    r"(?:[ _-]*(?:REF|LE|RE|AVG|AVE|AV|AR|A1|A2|M1|M2))?"
)


def electrode(name: str) -> str:
    """Give a channel's place.

    Args:
        name: as the device gave it: `Fp1`, `EEG Fp1-REF`, `T3`.

    Returns:
        The place in capitals and by today's names (`FP1`, `T7`), or an empty string for
        a name that is none or that is of two places on the scalp.
    """
    found = _NAME.fullmatch(name.strip().upper())
    return _TODAY.get(found[1], found[1]) if found else ""


def cell(name: str) -> tuple[str, str] | None:
    """Give region and side of a channel, or None where its name does not say."""
    place = electrode(name)
    if not place:
        return None
    number = place.lstrip("FPACTO")
    side = "middle" if number == "Z" else SIDES[0 if int(number) % 2 else 2]
    return _REGION_OF[place[: -len(number)]], side


def frontal_pairs(ch_names: Sequence[str]) -> list[tuple[int, int]]:
    """Find the pairs of channels for frontal asymmetry.

    Args:
        ch_names: as the device gave them.

    Returns:
        Left and right index of each pair that is there.
    """
    at = {electrode(name): index for index, name in enumerate(ch_names)}
    return [
        (at[left], at[right]) for left, right in FRONTAL_PAIRS if {left, right} <= set(at)
    ]


def cell_members(ch_names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Tell which channels lie in which cell.

    Args:
        ch_names: as the device gave them.

    Returns:
        Shape (15, channels), 1 where a channel is in a cell, else 0.
    """
    cells = [cell(name) for name in ch_names]
    return np.array([[float(found == here) for found in cells] for here in CELLS])


def on_the_scalp(ch_names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which channels count for the whole head.

    Args:
        ch_names: as the device gave them.

    Returns:
        Shape (channels,): those with a place; all where none has one (an auxiliary
        input or an ear against the other is not the head, unless nothing is named).
    """
    placed = np.array([bool(electrode(name)) for name in ch_names])
    return placed if placed.any() else np.ones(len(ch_names), dtype=bool)
