"""What a practice's modalities are: which name stands for which part of the server.

A part that is not there yet has its names all the same: a practice that names it is made
and runs, and says of it that it is not available, and why. Whoever builds the part takes it
out of `ABSENT` and starts it where the others are (`practices`). Pure.
"""

from collections.abc import Mapping
from typing import Final

from protocols.sessions import ModalityRow, ModalityView

SOUND, PICTURES = "sound", "pictures"

PARTS: Final[Mapping[str, str]] = {
    "sound": SOUND,
    "audio": SOUND,
    "prayer_bowl": SOUND,
    "pictures": PICTURES,
    "visualization": PICTURES,
    "scalar_waves": "scalar_waves",
    "radionics": "radionics",
    "blessing": "blessing",
    "blessings": "blessing",
    "rng": "rng",
    "rng_attunement": "rng",
    "astrology": "astrology",
}
"""By the modality's name."""

ABSENT: Final[Mapping[str, str]] = {
    "scalar_waves": "this server has no scalar wave generator",
    "radionics": "this server has no radionics broadcaster",
    "blessing": "this server has no blessing broadcaster",
    "rng": "this server has no RNG attunement",
    "astrology": "this server knows no astrology",
}
"""Why a part does nothing."""


def parts_of(modalities: tuple[str, ...]) -> frozenset[str]:
    """The parts that these names stand for."""
    return frozenset(PARTS[name] for name in modalities if name in PARTS)


def unknown(modalities: tuple[str, ...]) -> list[str]:
    """Names that stand for nothing."""
    return [name for name in modalities if name not in PARTS]


def rows(absent: Mapping[str, str]) -> tuple[ModalityRow, ...]:
    """All names.

    Args:
        absent: parts that do nothing, and why.
    """
    return tuple(
        ModalityRow(name=name, part=part, not_available=absent.get(part, ""))
        for name, part in PARTS.items()
    )


def seen(
    modalities: tuple[str, ...],
    running: Mapping[str, str],
    stopped: Mapping[str, str],
    absent: Mapping[str, str],
) -> tuple[ModalityView, ...]:
    """What each modality of a practice does.

    Args:
        modalities: their names.
        running: parts that run for it, and how.
        stopped: parts that could run and do not, and why.
        absent: parts that cannot, and why; looked at last.
    """

    def one(name: str) -> ModalityView:
        part = PARTS.get(name, "")
        if part in running:
            return ModalityView(name=name, state="running", reason=running[part])
        if part in stopped:
            return ModalityView(name=name, state="stopped", reason=stopped[part])
        reason = absent.get(part, "this server does not know it")
        return ModalityView(name=name, state="not_available", reason=reason)

    return tuple(map(one, modalities))
