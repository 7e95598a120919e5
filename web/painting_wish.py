"""The body of `POST /api/v1/generate`, as a wish for a picture. Pure.

`prompt` is a text, or a neural embedding: a list of 512 finite numbers, or base64 of 512
little-endian float32.
"""

import base64
import binascii
import math
import re
import secrets
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.features import VECTOR_SIZE
from protocols.pictures import PictureWish
from web.fields import Fields

PROMPT_HIGH: Final = 2000
_SEED_HIGH: Final = 2**32 - 1
_BASE64_CHARACTERS: Final = 4 * math.ceil(4 * VECTOR_SIZE / 3)
_PROMPT: Final = (
    f"a text of 1 to {PROMPT_HIGH} characters, a list of {VECTOR_SIZE} finite numbers, or"
    f" base64 of {VECTOR_SIZE} finite float32"
)
_FEW_STEPS: Final = re.compile(r"turbo|lightning|lcm|hyper|schnell", re.IGNORECASE)
"""Names of models that are made for few steps and little or no guidance."""


class PaintingWish(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the client asked for."""

    wish: PictureWish
    """Its prompt is empty while `vector` waits to become one."""

    vector: npt.NDArray[np.float32] | None
    """The neural embedding, shape (512,)."""

    model: str
    """The model that was asked for; empty: any."""


def painting_wish(body: dict[str, Any]) -> PaintingWish:
    """Read the wish for a picture.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields(body)
    model = fields.text("model", "", low=0, high=100)
    few = _FEW_STEPS.search(model) is not None
    vector = _vector(fields)
    wish = PictureWish(
        prompt="" if vector is not None else _text(fields),
        negative_prompt=fields.text("negative_prompt", "", low=0, high=PROMPT_HIGH),
        steps=fields.whole("steps", 20, low=1 if few else 10, high=50),
        guidance_scale=fields.number("guidance_scale", 7.5, low=0 if few else 1, high=15),
        width=fields.whole("width", 1024, low=64, high=2048),
        height=fields.whole("height", 1024, low=64, high=2048),
        seed=fields.whole(
            "seed", secrets.randbelow(_SEED_HIGH + 1), low=0, high=_SEED_HIGH
        ),
    )
    fields.finish()
    return PaintingWish(wish=wish, vector=vector, model=model)


def _text(fields: Fields) -> str:
    if not isinstance(fields.raw("prompt"), str):
        fields.wrong("prompt", _PROMPT)
        return ""
    return fields.text("prompt", high=PROMPT_HIGH)


def _vector(fields: Fields) -> npt.NDArray[np.float32] | None:
    # A text of exactly this length is longer than a prompt may be: there is no mistaking.
    value = fields.raw("prompt")
    vector = None
    if isinstance(value, list):
        vector = _listed(value)
        if vector is None:
            fields.wrong("prompt", _PROMPT)
            vector = np.zeros(VECTOR_SIZE, np.float32)
    elif isinstance(value, str) and len(value) == _BASE64_CHARACTERS:
        vector = _decoded(value)
    return vector


def _listed(value: list[Any]) -> npt.NDArray[np.float32] | None:
    if len(value) != VECTOR_SIZE or any(type(one) not in (int, float) for one in value):
        return None
    return _finite([float(one) if abs(one) < 1e30 else math.inf for one in value])  # noqa: PLR2004  # what float32 holds


def _decoded(value: str) -> npt.NDArray[np.float32] | None:
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return _finite(np.frombuffer(data, "<f4")) if len(data) == 4 * VECTOR_SIZE else None


def _finite(values: npt.ArrayLike) -> npt.NDArray[np.float32] | None:
    vector = np.array(values, np.float32)
    if not np.isfinite(vector).all():
        return None
    vector.flags.writeable = False
    return vector
