"""Document 000: sessions, single pictures, and the pipeline's steps."""

from typing import Any, Final

from config.schema import Settings
from protocols.devices import DeviceRow
from protocols.features import VECTOR_SIZE
from protocols.meaning import Cause, Concept, MoodAxis
from web.describe.operation import ASKS, Body, Chapter, Operation, Param, Said, path_id
from web.describe.schema import (
    SEED_HIGH,
    TIME,
    choice,
    either,
    flag,
    listed,
    mapped,
    maybe,
    number,
    obj,
    text,
    whole,
)

_S: Final = Settings()
_ID: Final = path_id("session_id", "As `create` gave it", "sess_abc123")
_LONGEST: Final = _S.sessions.max_duration_minutes
_DEVICE: Final = text(
    "`simulator`, `muse`, `openbci`, `lsl`, `ingest`, `brainflow:<board>` or"
    " `replay:<recording>`; see `GET /api/v1/devices`",
    high=220,
    pattern=r"^(simulator|muse|openbci|lsl|ingest|(brainflow|replay):.{1,200})$",
)
_WISH: Final = obj(
    {
        "duration_minutes?": number(low=0.01, high=_LONGEST),
        "model?": text(low=1, high=100),
        "width?": whole("Pixels", low=64, high=1024),
        "height?": whole("Pixels", low=64, high=1024),
        "seed?": whole("Of the simulated brain", low=0, high=SEED_HIGH),
        "speed?": number("Pace of a recording, times life", low=0.1, high=100),
        "loop?": flag("A recording begins again at its end"),
        "mains_hz?": choice(50, 60),
        "window_s?": number("Seconds that band powers are of", low=0.5, high=8),
        "step_s?": number("Seconds from one window to the next", low=0.05, high=1),
        "pictures_hz?": number("New pictures a second, at most", low=0.1, high=10),
        "sound?": flag("Whether its features sound as well"),
    },
    "What is not said is the server's own",
)
_CONFIG: Final = obj(
    {
        "duration_minutes": number(),
        "model": text(),
        "width": whole(),
        "height": whole(),
        "seed": whole(),
        "speed": number(),
        "loop": flag(),
        "mains_hz": number(),
        "window_s": number(),
        "step_s": number(),
        "pictures_hz": number(),
        "sound": flag(),
    }
)
_CONFIG_SEEN: Final = {
    "duration_minutes": 30.0,
    "model": "sdxl-turbo",
    "width": 512,
    "height": 512,
    "seed": 1,
    "speed": 1.0,
    "loop": True,
    "mains_hz": 50.0,
    "window_s": 2.0,
    "step_s": 0.1,
    "pictures_hz": 10.0,
    "sound": False,
}
_PHASE: Final = text("What the source does: `searching`, `streaming`, `frozen`, `ended` …")
_STATUS: Final = choice("active", "paused", "ended", "failed")
_URL: Final = "ws://localhost:8008/stream/sess_abc123"
_VIEW: Final = obj(
    {
        "session_id": text(),
        "status": _STATUS,
        "images_generated": whole(low=0),
        "duration_seconds": whole(low=0),
        "last_activity": TIME,
        "user_id": text(),
        "device_type": text(),
        "phase": _PHASE,
        "reason": text("For a person: why it is as it is"),
        "created_at": TIME,
        "ended_at": maybe(TIME),
        "avg_latency_ms": number("From a sample to its picture", low=0),
        "websocket_url": text(format="uri"),
        "session_config": _CONFIG,
    }
)
_VIEW_SEEN: Final = {
    "session_id": "sess_abc123",
    "status": "active",
    "images_generated": 42,
    "duration_seconds": 1245,
    "last_activity": "2025-01-17T01:20:00.000Z",
    "user_id": "user_12345",
    "device_type": "muse",
    "phase": "streaming",
    "reason": "",
    "created_at": "2025-01-17T01:00:00.000Z",
    "ended_at": None,
    "avg_latency_ms": 87.0,
    "websocket_url": _URL,
    "session_config": _CONFIG_SEEN,
}
_SHOWN: Final = {200: Said(about="The session", schema=_VIEW, example=_VIEW_SEEN)}
_LEVEL: Final = number(low=0, high=1)
_COMMAND: Final = {
    "type": "object",
    "required": ["command"],
    "oneOf": [
        obj(
            {
                "command": choice("set_state"),
                "eyes_closed?": flag(),
                "relaxation?": _LEVEL,
                "focus?": _LEVEL,
                "drowsiness?": _LEVEL,
                "pleasure?": number(low=-1, high=1),
            }
        ),
        obj({"command": choice("blink")}),
        obj({"command": choice("clench_jaw"), "seconds?": number(low=0.1, high=60)}),
        obj(
            {
                "command": choice("loosen_electrode"),
                "channel": text(low=1, high=40),
                "loose?": flag(),
            }
        ),
        obj({"command": choice("unplug"), "unplugged?": flag()}),
        obj(
            {
                "command": choice("run_script"),
                "name": choice("", "wander", "rest", "work", "sleepy"),
            }
        ),
    ],
}


def _switches(method: str, name: str) -> Operation:
    return Operation(
        method=method,
        path="/api/v1/session/{session_id}/sound",
        name=name,
        summary="Let its features sound, or be silent",
        params=(_ID,),
        body=Body(schema=obj({"sound": flag()}), examples={"on": {"sound": True}}),
        said=_SHOWN,
        errors=(404, 409, *ASKS),
        codes=("SESSION_NOT_FOUND", "SESSION_ENDED"),
    )


SESSIONS: Final = Chapter(
    name="Sessions (000)",
    about="A session reads one device and paints what it shows; watch it at"
    " `WS /stream/{session_id}`.",
    operations=(
        Operation(
            method="GET",
            path="/api/v1/session",
            name="listSittings",
            summary="The caller's sessions",
            said={
                200: Said(
                    about="All of them, those that ended too, as long as they are known",
                    schema=obj({"sessions": listed(_VIEW), "total": whole(low=0)}),
                    example={"sessions": [_VIEW_SEEN], "total": 1},
                )
            },
            errors=ASKS,
        ),
        Operation(
            method="POST",
            path="/api/v1/session/create",
            name="createSitting",
            summary="Make a session",
            about="A device that is not there is searched for; the stream says so.",
            body=Body(
                schema=obj(
                    {
                        "user_id": text(low=1, high=200),
                        "device_type?": _DEVICE,
                        "session_config?": _WISH,
                    }
                ),
                examples={
                    "documented": {
                        "user_id": "user_12345",
                        "device_type": "muse",
                        "session_config": {"duration_minutes": 30, "model": "sdxl-turbo"},
                    },
                    "simulated": {"user_id": "user_12345", "device_type": "simulator"},
                },
            ),
            said={
                200: Said(
                    about="It is there",
                    schema=obj(
                        {
                            "session_id": text(),
                            "status": _STATUS,
                            "created_at": TIME,
                            "websocket_url": text(format="uri"),
                            "phase": _PHASE,
                            "reason": text(),
                            "session_config": _CONFIG,
                        }
                    ),
                    example={
                        "session_id": "sess_abc123",
                        "status": "active",
                        "created_at": "2025-01-17T01:00:00.000Z",
                        "websocket_url": _URL,
                        "phase": "searching",
                        "reason": "",
                        "session_config": _CONFIG_SEEN,
                    },
                )
            },
            errors=(404, *ASKS),
            codes=("TOO_MANY_SESSIONS",),
        ),
        Operation(
            method="GET",
            path="/api/v1/session/{session_id}",
            name="getSitting",
            summary="Status and statistics",
            params=(_ID,),
            said=_SHOWN,
            errors=(404, *ASKS),
            codes=("SESSION_NOT_FOUND",),
        ),
        Operation(
            method="POST",
            path="/api/v1/session/{session_id}/end",
            name="endSitting",
            summary="End it; safe to repeat",
            params=(_ID,),
            said={
                200: Said(
                    about="It has ended",
                    schema=obj(
                        {
                            "session_id": text(),
                            "status": _STATUS,
                            "summary": obj(
                                {
                                    "total_images": whole(low=0),
                                    "duration_seconds": whole(low=0),
                                    "avg_latency_ms": number(low=0),
                                }
                            ),
                        }
                    ),
                    example={
                        "session_id": "sess_abc123",
                        "status": "ended",
                        "summary": {
                            "total_images": 42,
                            "duration_seconds": 1800,
                            "avg_latency_ms": 87.0,
                        },
                    },
                )
            },
            errors=(404, *ASKS),
            codes=("SESSION_NOT_FOUND",),
        ),
        Operation(
            method="POST",
            path="/api/v1/session/{session_id}/{verb}",
            name="pauseSitting",
            summary="Stop the samples, or go on",
            params=(
                _ID,
                Param(
                    name="verb",
                    schema=choice("pause", "resume"),
                    about="Which of the two",
                    example="pause",
                    where="path",
                    required=True,
                ),
            ),
            said=_SHOWN,
            errors=(404, 405, 409, *ASKS),
            codes=("SESSION_NOT_FOUND", "SESSION_ENDED"),
        ),
        Operation(
            method="POST",
            path="/api/v1/session/{session_id}/brain",
            name="commandBrain",
            summary="Command the simulated sitter",
            params=(_ID,),
            body=Body(
                schema=_COMMAND,
                examples={
                    "calm": {
                        "command": "set_state",
                        "eyes_closed": True,
                        "relaxation": 0.8,
                    },
                    "blink": {"command": "blink"},
                    "unplug": {"command": "unplug", "unplugged": False},
                },
            ),
            said=_SHOWN,
            errors=(404, 409, *ASKS),
            codes=("SESSION_NOT_FOUND", "SESSION_ENDED"),
        ),
        _switches("PUT", "switchSound"),
        _switches("POST", "switchSoundByPost"),
        Operation(
            method="GET",
            path="/api/v1/devices",
            name="listDevices",
            summary="Device types that a session may be made with",
            said={
                200: Said(
                    about="The default first, with the recordings",
                    schema=obj({"devices": listed(DeviceRow)}),
                    example={
                        "devices": [
                            {
                                "device_type": "simulator",
                                "name": "Simulated brain",
                                "available": True,
                                "reason": "no hardware needed",
                                "default": True,
                            }
                        ]
                    },
                )
            },
            errors=ASKS,
        ),
    ),
)

# -- single pictures ----------------------------------------------------------------------

_PAINTED: Final = obj(
    {
        "steps": whole("As asked for"),
        "guidance_scale": number(),
        "generation_time_ms": number(low=0),
        "queue_ms": number(low=0),
        "effective_steps": whole("What the model really took", low=0),
        "model": text("The one that made the picture"),
        "requested_model": maybe(text()),
        "seed": whole(),
        "width": whole(),
        "height": whole(),
        "prompt": text(),
        "known_words": listed(text(), "Words of the prompt that changed the picture"),
    }
)
PICTURES: Final = Chapter(
    name="Pictures (000)",
    about="Single pictures, painted when they are asked for.",
    operations=(
        Operation(
            method="POST",
            path="/api/v1/generate",
            name="generatePicture",
            summary="Paint a picture from a text or a neural embedding",
            about="`steps` 1 to 9 and `guidance_scale` 0 need a few-step model"
            " (`model` with turbo, lightning, lcm, hyper or schnell in its name).",
            body=Body(
                schema=obj(
                    {
                        "prompt": either(
                            text("A text, or base64 of 512 float32", low=1, high=2732),
                            listed(number(), "An embedding", low=512, high=512),
                        ),
                        "negative_prompt?": maybe(text(high=2000)),
                        "steps?": maybe(whole(low=1, high=50, default=20)),
                        "guidance_scale?": maybe(number(low=0, high=15, default=7.5)),
                        "width?": maybe(whole(low=64, high=2048, default=1024)),
                        "height?": maybe(whole(low=64, high=2048, default=1024)),
                        "seed?": maybe(whole("Null: any", low=0, high=2**32 - 1)),
                        "model?": maybe(text(high=100)),
                    }
                ),
                examples={
                    "documented": {
                        "prompt": "sunset over mountains",
                        "negative_prompt": "blurry, distorted",
                        "steps": 20,
                        "guidance_scale": 7.5,
                        "width": 1024,
                        "height": 1024,
                        "seed": None,
                    },
                    "small": {"prompt": "a calm sea", "width": 64, "height": 64, "seed": 7},
                },
            ),
            said={
                200: Said(
                    about="Painted, and kept",
                    schema=obj(
                        {
                            "image_url": text(format="uri"),
                            "image_base64": text("A PNG", contentEncoding="base64"),
                            "metadata": _PAINTED,
                        }
                    ),
                    example={
                        "image_url": "http://localhost:8008/images/abc123.png",
                        "image_base64": "iVBORw0KGgoAAAANS",
                        "metadata": {
                            "steps": 20,
                            "guidance_scale": 7.5,
                            "generation_time_ms": 245.0,
                            "queue_ms": 0.4,
                            "effective_steps": 1,
                            "model": "painter",
                            "requested_model": None,
                            "seed": 7,
                            "width": 1024,
                            "height": 1024,
                            "prompt": "sunset over mountains",
                            "known_words": ["sunset", "mountains"],
                        },
                    },
                )
            },
            errors=ASKS,
            codes=("INVALID_EMBEDDING",),
        ),
    ),
)

# -- the pipeline's steps -----------------------------------------------------------------

_SAMPLES: Final = listed(
    listed(number("Microvolts", low=-1e9, high=1e9), low=1, high=500_000),
    "One list a channel, all of one length",
    low=1,
    high=256,
)
_NAMES: Final = listed(text(low=1, high=40), "One a channel, all different", high=256)
_TAKEN: Final = obj(
    {
        "samples": _SAMPLES,
        "sfreq": number("Hertz", low=32, high=20_000),
        "ch_names?": _NAMES,
        "mains_hz?": choice(50, 60),
    }
)
_WAVE: Final = [[round(10 * (-1) ** (n // 13), 1) for n in range(512)]] * 2
_EXAMPLE: Final = {"samples": _WAVE, "sfreq": 256, "ch_names": ["TP9", "AF7"]}
_BANDS: Final = obj(
    {
        "bands": listed(text()),
        "absolute_uv2": listed(listed(number()), "Channels, bands"),
        "relative": listed(listed(number()), "Channels, bands"),
    }
)
_QUALITY: Final = obj(
    {"channel": text(), "state": text(), "index": number(low=0, high=1), "reason": text()}
)
_PUSHED: Final = obj(
    {
        "session_id?": text(low=1),
        "sfreq?": number(low=1, high=20_000),
        "ch_names?": _NAMES,
        "samples": _SAMPLES,
        "mains_hz?": choice(50, 60),
    }
)


def _query(name: str, about: str, schema: dict[str, Any]) -> Param:
    return Param(name=name, schema=schema, about=about)


STEPS: Final = Chapter(
    name="Pipeline (000)",
    about="The steps from samples to words, one question at a time.",
    operations=(
        Operation(
            method="POST",
            path="/api/v1/ingest/stream",
            name="pushSamples",
            summary="Samples for a session whose device is `ingest`",
            about="All or none of a request's samples are taken. What an object does not"
            " say itself, the query may. Bytes: little-endian float32, sample by sample.",
            params=(
                _query("session_id", "Whose samples", text(low=1)),
                _query("sfreq", "Hertz", number(low=1, high=20_000)),
                _query("ch_names", "With commas between", text(low=1)),
                _query("mains_hz", "Of the mains", choice(50, 60)),
            ),
            body=Body(
                schema=_PUSHED,
                examples={"two channels": {"session_id": "sess_abc123", **_EXAMPLE}},
                others={
                    "application/x-ndjson": {"type": "string"},
                    "application/octet-stream": {"type": "string", "format": "binary"},
                },
            ),
            said={
                200: Said(
                    about="They wait for the reader",
                    schema=obj({"session_id": text(), "accepted_samples": whole(low=0)}),
                    example={"session_id": "sess_abc123", "accepted_samples": 512},
                )
            },
            errors=(404, 409, *ASKS),
            codes=("SESSION_NOT_FOUND",),
        ),
        Operation(
            method="POST",
            path="/api/v1/preprocess",
            name="preprocess",
            summary="Raw samples: clean samples, quality, band powers",
            body=Body(schema=_TAKEN, examples={"two channels": _EXAMPLE}),
            said={
                200: Said(
                    about="Clean",
                    schema=obj(
                        {
                            "samples": listed(listed(number("Microvolts"))),
                            "sfreq": number(),
                            "ch_names": listed(text()),
                            "quality": listed(_QUALITY),
                            "band_powers": _BANDS,
                            "notes": listed(text()),
                        }
                    ),
                )
            },
            errors=ASKS,
        ),
        Operation(
            method="POST",
            path="/api/v1/encode",
            name="encode",
            summary="Clean samples: features and a 512-D unit vector",
            body=Body(schema=_TAKEN, examples={"two channels": _EXAMPLE}),
            said={
                200: Said(
                    about="Measured",
                    schema=obj(
                        {
                            "vector": listed(number(), low=VECTOR_SIZE, high=VECTOR_SIZE),
                            "features": mapped(number()),
                            "window_s": number(low=0),
                            "band_powers": _BANDS,
                            "asymmetry": maybe(number()),
                            "entropy": number(),
                            "confidence": number(low=0, high=1),
                        }
                    ),
                )
            },
            errors=ASKS,
        ),
        Operation(
            method="POST",
            path="/api/v1/semantic/extract",
            name="extractMeaning",
            summary="Features or a vector: words with weights, mood, a prompt",
            about="Either `features`, as `encode` gives them, or `vector`.",
            body=Body(
                schema=obj(
                    {
                        "features?": maybe(mapped(number())),
                        "vector?": maybe(
                            listed(number(), low=VECTOR_SIZE, high=VECTOR_SIZE)
                        ),
                    }
                ),
                examples={
                    "features": {
                        "features": {
                            "delta": 0.2,
                            "theta": 0.2,
                            "alpha": 0.4,
                            "beta": 0.15,
                            "gamma": 0.05,
                            "entropy": 0.8,
                            "confidence": 0.9,
                        }
                    },
                    "vector": {"vector": [round((-1) ** n / 22.6, 4) for n in range(512)]},
                },
            ),
            said={
                200: Said(
                    about="What it means",
                    schema=obj(
                        {
                            "concepts": listed(Concept),
                            "mood": obj({"arousal": MoodAxis, "valence": MoodAxis}),
                            "prompt": text(),
                            "palette": listed(listed(number())),
                            "motion": number(),
                            "confidence": number(low=0, high=1),
                            "causes": listed(Cause),
                        }
                    ),
                )
            },
            errors=ASKS,
        ),
    ),
)
