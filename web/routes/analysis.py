"""The services that document 000 only names: the pipeline's steps, one question at a time.

POST /api/v1/preprocess          raw samples: clean samples, quality, band powers
POST /api/v1/encode              clean samples: features and a 512-D unit vector
POST /api/v1/semantic/extract    features, or a vector: words with weights, mood, prompt

All need a key. Samples are microvolts: `{"samples": [[…], …], "sfreq": 250, "ch_names":
[…]}`, a list a channel.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from quart import Blueprint, Response

from protocols.analysis import (
    AnalysisRefused,
    Encoded,
    EncodeSamples,
    ExtractMeaning,
    Preprocessed,
    PreprocessSamples,
    Samples,
)
from protocols.eeg import ChannelQuality
from protocols.features import BANDS, VECTOR_SIZE
from protocols.meaning import Meaning
from web.answers import answer, ask_actor, body_object
from web.auth import caller
from web.door import Door
from web.errors import Problem
from web.fields import Fields
from web.samples import samples_of

ANALYSIS_S: Final = 20.0
"""Seconds that half an hour of samples may take."""

_BAND_NAMES: Final = [name for name, _, _ in BANDS]


def analysis_routes(door: Door) -> Blueprint:
    """Routes to the pipeline's arithmetic."""
    routes = Blueprint("analysis", __name__, url_prefix="/api/v1")
    largest = door.settings.web.max_body_bytes
    mains_hz = float(door.settings.device.mains_hz)

    @routes.post("/preprocess")
    async def preprocess() -> Response:
        await caller(door)
        samples = samples_of(await body_object(door, largest), mains_hz)
        made = await _ask(door, PreprocessSamples(samples))
        return answer(_cleaned(made, samples))

    @routes.post("/encode")
    async def encode() -> Response:
        await caller(door)
        samples = samples_of(await body_object(door, largest), mains_hz)
        return answer(_encoded(await _ask(door, EncodeSamples(samples))))

    @routes.post("/semantic/extract")
    async def extract() -> Response:
        await caller(door)
        wish = _meaning_wish(await body_object(door))
        return answer(_extracted(await _ask(door, wish)))

    return routes


async def _ask(door: Door, question: Any) -> Any:  # noqa: ANN401  # as many types as questions
    reply = await ask_actor(door, door.analysis, question, timeout_s=ANALYSIS_S)
    if isinstance(reply, AnalysisRefused):
        raise _refused(reply.field, reply.reason)
    return reply


def _refused(field: str, reason: str) -> Problem:
    mistake = {"field": field, "allowed": reason}
    return Problem(422, f"{field}: {reason}", details={"mistakes": [mistake]})


# -- what comes in ----------------------------------------------------------------------


def _meaning_wish(body: dict[str, Any]) -> ExtractMeaning:
    fields = Fields(body)
    features, vector = fields.raw("features"), fields.raw("vector")
    if (features is None) == (vector is None):
        fields.wrong("features", "an object of numbers, or else `vector`")
    if features is not None and not _is_numbers(features):
        fields.wrong("features", "an object of finite numbers by name")
    if vector is not None and not _is_vector(vector):
        fields.wrong("vector", f"a list of {VECTOR_SIZE} finite numbers")
    fields.finish()
    return ExtractMeaning(
        features=features,
        vector=None if vector is None else np.array(vector, np.float32),
    )


def _is_numbers(value: object) -> bool:
    return isinstance(value, dict) and all(
        type(number) in (int, float) and abs(number) < 1e9  # noqa: PLR2004  # far above any
        for number in value.values()
    )


def _is_vector(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == VECTOR_SIZE
        and all(type(number) in (int, float) and abs(number) < 1e30 for number in value)  # noqa: PLR2004  # what float32 holds
    )


# -- what goes out ----------------------------------------------------------------------


def _cleaned(made: Preprocessed, samples: Samples) -> dict[str, Any]:
    return {
        "samples": np.round(made.uv.astype(np.float64), 3).tolist(),
        "sfreq": samples.sfreq,
        "ch_names": samples.ch_names,
        "quality": _quality(samples.ch_names, made.quality),
        "band_powers": _powers(made.absolute_uv2, made.relative),
        "notes": made.notes,
    }


def _encoded(made: Encoded) -> dict[str, Any]:
    return {
        "vector": [round(float(part), 7) for part in made.vector],
        "features": _named(made),
        "window_s": made.window_s,
        "band_powers": _powers(made.absolute_uv2, made.relative),
        "asymmetry": made.asymmetry,
        "entropy": round(made.entropy, 6),
        "confidence": round(made.confidence, 4),
    }


def _named(made: Encoded) -> dict[str, float]:
    """The form that `/semantic/extract` takes."""
    shares = made.relative.mean(axis=0)
    named = {name: round(float(s), 6) for name, s in zip(_BAND_NAMES, shares, strict=True)}
    named["entropy"] = round(made.entropy, 6)
    named["confidence"] = round(made.confidence, 4)
    if made.asymmetry is not None:
        named["asymmetry"] = round(made.asymmetry, 6)
    return named


def _extracted(made: Meaning) -> dict[str, Any]:
    mood = {"arousal": made.arousal, "valence": made.valence}
    return {
        "concepts": [msgspec.structs.asdict(said) for said in made.concepts],
        "mood": {name: msgspec.structs.asdict(axis) for name, axis in mood.items()},
        "prompt": made.prompt,
        "palette": made.palette,
        "motion": made.motion,
        "confidence": made.confidence,
        "causes": [msgspec.structs.asdict(cause) for cause in made.causes],
    }


def _powers(
    absolute: npt.NDArray[np.floating], relative: npt.NDArray[np.floating]
) -> dict[str, Any]:
    return {
        "bands": _BAND_NAMES,
        "absolute_uv2": np.round(absolute.astype(np.float64), 5).tolist(),
        "relative": np.round(relative.astype(np.float64), 6).tolist(),
    }


def _quality(
    ch_names: Sequence[str], quality: Sequence[ChannelQuality]
) -> list[dict[str, Any]]:
    return [
        {
            "channel": name,
            "state": seen.state.value,
            "index": round(seen.index, 3),
            "reason": seen.reason,
        }
        for name, seen in zip(ch_names, quality, strict=True)
    ]
