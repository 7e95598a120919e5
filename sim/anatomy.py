"""Where electrodes are, and how strongly what comes from where reaches them.

Positions are those of the 10-20 system and its extensions (Jasper 1958; Oostenveld &
Praamstra 2001), seen from above on a head of radius 1: x to the right ear, y to the nose.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

POSITIONS: Mapping[str, tuple[float, float]] = {
    "Fp1": (-0.31, 0.95),
    "Fpz": (0.0, 1.0),
    "Fp2": (0.31, 0.95),
    "AF7": (-0.59, 0.81),
    "AF8": (0.59, 0.81),
    "F7": (-0.81, 0.59),
    "F3": (-0.4, 0.55),
    "Fz": (0.0, 0.5),
    "F4": (0.4, 0.55),
    "F8": (0.81, 0.59),
    "T7": (-1.0, 0.0),
    "C3": (-0.5, 0.0),
    "Cz": (0.0, 0.0),
    "C4": (0.5, 0.0),
    "T8": (1.0, 0.0),
    "TP9": (-1.1, -0.36),
    "TP10": (1.1, -0.36),
    "P7": (-0.81, -0.59),
    "P3": (-0.4, -0.55),
    "Pz": (0.0, -0.5),
    "P4": (0.4, -0.55),
    "P8": (0.81, -0.59),
    "POz": (0.0, -0.75),
    "PO7": (-0.59, -0.81),
    "PO8": (0.59, -0.81),
    "O1": (-0.31, -0.95),
    "Oz": (0.0, -1.0),
    "O2": (0.31, -0.95),
}

Gains = npt.NDArray[np.float32]


def positions(ch_names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Places of electrodes, shape (channels, 2).

    Raises:
        ValueError: a name that is not in `POSITIONS`.
    """
    unknown = [name for name in ch_names if name not in POSITIONS]
    if unknown:
        raise ValueError(
            f"no electrode is called {', '.join(unknown)}; known are {', '.join(POSITIONS)}"
        )
    return np.array([POSITIONS[name] for name in ch_names])


def reach(
    ch_names: Sequence[str], places: Sequence[tuple[float, float]], width: float
) -> Gains:
    """How much of each source reaches each electrode: 1 at its place, a bell around it.

    Args:
        ch_names: electrodes.
        places: of the sources, in head radii.
        width: standard deviation of the bell, head radii.

    Returns:
        Shape (channels, sources).
    """
    apart = positions(ch_names)[:, None, :] - np.array(places)[None, :, :]
    bell: npt.NDArray[np.float64] = np.exp(-np.sum(apart**2, axis=2) / (2 * width**2))
    return bell.astype(np.float32)


def shared(ch_names: Sequence[str], length: float) -> Gains:
    """Mixing that makes neighbours alike, as volume conduction does.

    The correlation of two electrodes falls as exp(-distance / length) (after Nunez &
    Srinivasan 2006); each electrode keeps the variance 1.

    Args:
        ch_names: electrodes.
        length: head radii.

    Returns:
        Shape (channels, channels): times independent unit noise.
    """
    at = positions(ch_names)
    apart = np.sqrt(np.sum((at[:, None, :] - at[None, :, :]) ** 2, axis=2))
    alike: npt.NDArray[np.float64] = np.exp(-apart / length)
    return np.linalg.cholesky(alike).astype(np.float32)
