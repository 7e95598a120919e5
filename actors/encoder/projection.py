"""The vector: a window's figures as a point on the unit sphere in 512 dimensions.

In: the pooled figures of a window and their z-scores. Out: float32, shape (512,), of
length 1. Pure; the same figures give the same vector in every session and on every
machine, and near figures give near vectors. It is a change of coordinates, not a learned
embedding: it holds what the figures hold and nothing more.

How it is made, exactly:

1. Four blocks: the figures of the whole head (`measure.POOLED`: ln shares of delta, theta,
   alpha, beta, gamma; asymmetry; entropy), their z-scores, the ln shares of the fifteen
   cells (`montage.CELLS`, region by region, in each left, middle, right; five bands each),
   and theirs. The first and third are set to a common scale, (x - `USUAL`) / `SCALE`.
   What is not there (no electrode, no baseline yet) is 0.
2. Softly limited: 3 tanh(x / 3).
3. The blocks of the cells are divided by the root of the number of cells that are there,
   so that a cap does not outweigh a headband; a constant 1 is put in front.
4. Multiplied with a 512 x 165 matrix of +1 and -1 and divided by its length. The signs are
   the bits, most significant first and row after row, of SHAKE-256 of `SEED`: 1 is +1.

Random projections keep angles (Johnson and Lindenstrauss, 1984), those of signs too
(Achlioptas, J. Comput. Syst. Sci. 66, 2003): among 512 dimensions within a few hundredths.
"""

import hashlib
import math
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from actors.encoder.measure import POOLED, STATE_SIZE
from actors.encoder.montage import CELLS
from protocols.features import BANDS, VECTOR_SIZE

SEED: Final = b"phosphene projection 1"
INPUT_SIZE: Final = 1 + 2 * STATE_SIZE
SOFT_LIMIT: Final = 3.0

USUAL_SHARES: Final = (0.40, 0.20, 0.20, 0.15, 0.05)
"""Of the bands at rest with open eyes, roughly; sets a scale, is no norm for anybody."""

USUAL: Final = np.array(
    [
        *np.log(USUAL_SHARES),
        0.0,
        0.8,
        *np.tile(np.log(USUAL_SHARES), len(CELLS)),
    ]
)
SCALE: Final = np.array([*[0.7] * len(BANDS), 0.5, 0.1, *[0.7] * (len(CELLS) * len(BANDS))])
"""About how much people and moments differ."""

_PER_SCALE: Final = 1.0 / SCALE

Vector = npt.NDArray[np.float32]
"""Shape (512,), length 1, read-only."""


@lru_cache(maxsize=1)
def signs() -> npt.NDArray[np.float32]:
    """Make the matrix of step 4, shape (512, 165), read-only."""
    count = VECTOR_SIZE * INPUT_SIZE
    stream = hashlib.shake_256(SEED).digest(-(-count // 8))
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8), count=count)
    matrix = (2.0 * bits - 1.0).astype(np.float32).reshape(VECTOR_SIZE, INPUT_SIZE)
    matrix = np.asfortranarray(matrix)  # a fifth less time a product
    matrix.flags.writeable = False
    return matrix


def project(state: npt.NDArray[np.float64], z: npt.NDArray[np.float64]) -> Vector:
    """Turn a window's figures into its vector.

    Args:
        state: pooled figures, shape (`STATE_SIZE`,); NaN where there is none.
        z: their z-scores, same shape; NaN where not known.
    """
    figures = np.empty(INPUT_SIZE)
    pooled = figures[1 : 1 + STATE_SIZE]
    np.subtract(state, USUAL, out=pooled)
    pooled *= _PER_SCALE
    figures[1 + STATE_SIZE :] = z
    figures[~np.isfinite(figures)] = 0.0
    figures *= 1.0 / SOFT_LIMIT
    np.tanh(figures, out=figures)
    there = np.count_nonzero(np.isfinite(state[len(POOLED) :: len(BANDS)]))
    figures *= _limits(int(there))
    figures[0] = 1.0
    spread = signs() @ figures.astype(np.float32)
    vector: Vector = spread * (1.0 / math.sqrt(spread @ spread))
    vector.flags.writeable = False
    return vector


@lru_cache(maxsize=len(CELLS) + 1)
def _limits(there: int) -> npt.NDArray[np.float64]:
    """Make what the tangents are multiplied with in steps 2 and 3, shape (165,).

    Args:
        there: how many cells have a figure.
    """
    limits = np.full(INPUT_SIZE, SOFT_LIMIT)
    if there > 1:
        whole, share = len(POOLED), 1.0 / np.sqrt(there)
        limits[1 + whole : 1 + STATE_SIZE] *= share
        limits[1 + STATE_SIZE + whole :] *= share
    limits.flags.writeable = False
    return limits
