"""Document 003's audio: sounds, outputs, presets."""

from typing import Final

from protocols.sound import FrequencyRange, OutputView, Preset, SoundConfig
from web.describe.operation import (
    ASKS,
    Access,
    Body,
    Chapter,
    Operation,
    Param,
    Said,
    path_id,
)
from web.describe.schema import (
    SEED_HIGH,
    UNIX,
    choice,
    exactly,
    flag,
    listed,
    mapped,
    maybe,
    number,
    obj,
    text,
    whole,
)

_OK: Final = {"status": exactly("success")}
_MESSAGE: Final = {"message": text("For a person")}
_HERTZ: Final = number("Hertz", low=0.1, high=20_000)
_SHARE: Final = number(low=0, high=1)
_PRESET_ID: Final = text(low=1, high=64, pattern="^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_WISH: Final = obj(
    {
        "frequency?": maybe(_HERTZ | {"default": 136.1}),
        "duration?": maybe(number("Seconds", low=0.1, high=3600, default=30.0)),
        "volume?": maybe(number("Peak", low=0, high=1, default=0.8)),
        "prayer_bowl_mode?": maybe(flag("A singing bowl, else a tone", default=True)),
        "harmonic_strength?": maybe(number("Of partials", low=0, high=1, default=0.3)),
        "modulation_depth?": maybe(number("Of beating", low=0, high=1, default=0.05)),
        "preset?": maybe(_PRESET_ID | {"description": "For what is not said"}),
        "bowl?": maybe(choice("strike", "rub", default="strike")),
        "binaural_hz?": maybe(number("Between the ears", low=0, high=100, default=0.0)),
        "isochronic_hz?": maybe(number("Pulses a second", low=0, high=100, default=0.0)),
        "normalise_lufs?": maybe(number("Loudness (BS.1770)", low=-60, high=0)),
        "seed?": maybe(whole("Of what is left to chance", low=0, high=SEED_HIGH)),
    }
)
_CONFIG: Final = {
    "frequency": 136.1,
    "duration": 30.0,
    "volume": 0.8,
    "prayer_bowl_mode": True,
    "harmonic_strength": 0.3,
    "modulation_depth": 0.05,
}
_CONFIG_SEEN: Final = _CONFIG | {
    "bowl": "strike",
    "binaural_hz": 0.0,
    "isochronic_hz": 0.0,
    "normalise_lufs": None,
    "seed": 0,
}
_OUTPUT_SEEN: Final = {
    "level": 2,
    "device": "default",
    "state": "playing",
    "reason": "",
    "underruns": 0,
}
_PRESET_SEEN: Final = {
    "name": "OM Frequency",
    "frequency": 136.1,
    "description": "Sacred OM frequency for meditation",
    "prayer_bowl_mode": True,
    "harmonic_strength": 0.3,
    "modulation_depth": 0.05,
    "volume": 0.8,
}
_STREAM: Final = "ws://localhost:8008/api/v1/audio/stream"
_UNAVAILABLE: Final = "AUDIO_UNAVAILABLE"
_PART: Final = ("ETag", "Accept-Ranges", "Content-Disposition")

AUDIO: Final = Chapter(
    name="Audio (003)",
    about="Sounds, 44,100 samples a second, stereo. `WS /api/v1/audio/stream` has what"
    " sounds now, with or without an output.",
    operations=(
        Operation(
            method="POST",
            path="/api/v1/audio/generate",
            name="generateAudio",
            summary="Render a sound, and make it the one to play",
            about="An address may generate ten a minute.",
            access=Access.LOCAL,
            body=Body(
                schema=_WISH,
                examples={
                    "documented": _CONFIG,
                    "tone": {"frequency": 440, "duration": 1, "prayer_bowl_mode": False},
                },
            ),
            said={
                200: Said(
                    about="It is there",
                    schema=obj(
                        _OK
                        | _MESSAGE
                        | {
                            "config": SoundConfig,
                            "audio_generated": flag(),
                            "samples": whole("A channel: duration x 44,100", low=0),
                            "id": text(),
                            "sfreq": exactly(44_100),
                            "channels": exactly(2),
                            "peak": number(low=0, high=1),
                            "loudness_lufs": maybe(number()),
                            "gain": number(low=0),
                            "generation_time_ms": number(low=0),
                            "file_url": text(format="uri"),
                        }
                    ),
                    example={
                        "status": "success",
                        "message": "Audio generation completed",
                        "config": _CONFIG_SEEN,
                        "audio_generated": True,
                        "samples": 1323000,
                        "id": "clip_1",
                        "sfreq": 44100,
                        "channels": 2,
                        "peak": 0.8,
                        "loudness_lufs": -17.2,
                        "gain": 1.4,
                        "generation_time_ms": 51.3,
                        "file_url": "http://localhost:8008/api/v1/audio/file?format=wav",
                    },
                )
            },
            errors=ASKS,
            codes=("INVALID_FREQUENCY", "AUDIO_GENERATION_FAILED", _UNAVAILABLE),
        ),
        Operation(
            method="POST",
            path="/api/v1/audio/play",
            name="playAudio",
            summary="Play the generated sound",
            about="By output 2 (passive) or 3 (amplified). It streams even where the output"
            " cannot play, which is 503.",
            access=Access.LOCAL,
            body=Body(
                schema=obj({"hardware_level?": maybe(choice(2, 3, default=2))}),
                examples={"documented": {"hardware_level": 2}},
                required=False,
            ),
            said={
                200: Said(
                    about="It sounds",
                    schema=obj(
                        _OK
                        | _MESSAGE
                        | {
                            "hardware_level": choice(2, 3),
                            "audio_duration": number("Seconds", low=0),
                            "audio_samples": whole(low=0),
                            "output": OutputView,
                            "stream_url": text(format="uri"),
                        }
                    ),
                    example={
                        "status": "success",
                        "message": "Audio playback started",
                        "hardware_level": 2,
                        "audio_duration": 30.0,
                        "audio_samples": 1323000,
                        "output": _OUTPUT_SEEN,
                        "stream_url": _STREAM,
                    },
                )
            },
            errors=(409, *ASKS),
            codes=("NO_AUDIO", _UNAVAILABLE),
        ),
        Operation(
            method="POST",
            path="/api/v1/audio/stop",
            name="stopAudio",
            summary="Fade it out within 50 ms",
            access=Access.LOCAL,
            said={
                200: Said(
                    about="It fades, or nothing sounded",
                    schema=obj(_OK | _MESSAGE | {"playing": flag()}),
                    example={
                        "status": "success",
                        "message": "Audio stop request processed",
                        "playing": False,
                    },
                )
            },
            errors=ASKS,
            codes=(_UNAVAILABLE,),
        ),
        Operation(
            method="GET",
            path="/api/v1/audio/status",
            name="getAudioStatus",
            summary="What there is, and what sounds",
            access=Access.LOCAL,
            said={
                200: Said(
                    about="Now",
                    schema=obj(
                        _OK
                        | {
                            "has_audio": flag(),
                            "audio_duration": number("Seconds", low=0),
                            "spectrum_available": flag(),
                            "timestamp": UNIX,
                            "audio_samples": whole(low=0),
                            "playing": flag(),
                            "position": number("Seconds", low=0),
                            "config": maybe(SoundConfig),
                            "outputs": listed(OutputView),
                            "sessions_sounding": whole(low=0),
                            "skipped_samples": whole(low=0),
                        }
                    ),
                    example={
                        "status": "success",
                        "has_audio": True,
                        "audio_duration": 30.0,
                        "spectrum_available": True,
                        "timestamp": 1234567890.123,
                        "audio_samples": 1323000,
                        "playing": True,
                        "position": 4.2,
                        "config": _CONFIG_SEEN,
                        "outputs": [_OUTPUT_SEEN],
                        "sessions_sounding": 0,
                        "skipped_samples": 0,
                    },
                )
            },
            errors=ASKS,
            codes=(_UNAVAILABLE,),
        ),
        Operation(
            method="GET",
            path="/api/v1/audio/spectrum",
            name="getAudioSpectrum",
            summary="Of the last tenth of a second of what sounds",
            access=Access.LOCAL,
            said={
                200: Said(
                    about="64 bins, log-spaced from 20 Hz to 20 kHz; zeros in silence",
                    schema=obj(
                        _OK
                        | {
                            "spectrum": listed(_SHARE, low=64, high=64),
                            "length": exactly(64),
                            "timestamp": UNIX,
                            "playing": flag(),
                            "frequencies": listed(number("Hertz"), low=64, high=64),
                        }
                    ),
                    example={
                        "status": "success",
                        "spectrum": [0.0] * 64,
                        "length": 64,
                        "timestamp": 1234567890.123,
                        "playing": False,
                        "frequencies": [round(20 * 1000 ** (i / 63), 1) for i in range(64)],
                    },
                )
            },
            errors=ASKS,
            codes=(_UNAVAILABLE,),
        ),
        Operation(
            method="GET",
            path="/api/v1/audio/file",
            name="getAudioFile",
            summary="The generated sound as a file, or a part of it",
            access=Access.LOCAL,
            params=(
                Param(
                    name="format",
                    schema=choice("wav", "flac", "ogg", default="wav"),
                    about="Of the file",
                    example="wav",
                ),
            ),
            said={
                200: Said(
                    about="The file",
                    schema=text(format="binary"),
                    kind="audio/*",
                    headers=dict.fromkeys(_PART, "See RFC 9110"),
                ),
                206: Said(
                    about="What `Range` asked for",
                    schema=text(format="binary"),
                    kind="audio/*",
                    headers={"Content-Range": "See RFC 9110"},
                ),
                304: Said(about="As the client has it already"),
            },
            errors=(404, 416, 422, *ASKS),
            codes=("NO_AUDIO", _UNAVAILABLE),
        ),
    ),
)

_KEPT: Final = obj(_OK | _MESSAGE | {"id": _PRESET_ID, "preset": Preset})
_KEPT_SEEN: Final = {
    "status": "success",
    "message": "Preset saved",
    "id": "om-frequency-2",
    "preset": _PRESET_SEEN,
}
_WHICH: Final = (path_id("preset", "Its id", "om-frequency"),)

PRESETS: Final = Chapter(
    name="Presets (003)",
    about="Sounds with names, and frequencies that are recommended.",
    operations=(
        Operation(
            method="GET",
            path="/api/v1/audio/presets",
            name="listPresets",
            summary="All presets",
            access=Access.LOCAL,
            said={
                200: Said(
                    about="By id",
                    schema=obj(
                        _OK
                        | {
                            "presets": mapped(Preset),
                            "count": whole(low=0),
                            "own": listed(text(), "Ids of those that were kept here"),
                            "trouble": text(),
                        }
                    ),
                    example={
                        "status": "success",
                        "presets": {"om-frequency": _PRESET_SEEN},
                        "count": 1,
                        "own": [],
                        "trouble": "",
                    },
                )
            },
            errors=ASKS,
        ),
        Operation(
            method="POST",
            path="/api/v1/audio/presets",
            name="keepPreset",
            summary="Keep a preset",
            access=Access.LOCAL,
            body=Body(
                schema=obj(
                    {
                        "name": text(low=1, high=100),
                        "frequency": _HERTZ,
                        "id?": maybe(_PRESET_ID | {"description": "Else of the name"}),
                        "description?": maybe(text(high=500)),
                        "prayer_bowl_mode?": maybe(flag()),
                        "harmonic_strength?": maybe(_SHARE),
                        "modulation_depth?": maybe(_SHARE),
                        "volume?": maybe(_SHARE),
                    }
                ),
                examples={"bowl": _PRESET_SEEN | {"name": "Evening Bowl"}},
            ),
            said={
                200: Said(about="In place of an own one", schema=_KEPT, example=_KEPT_SEEN),
                201: Said(
                    about="Kept",
                    schema=_KEPT,
                    example=_KEPT_SEEN,
                    headers={"Location": "Of the preset"},
                ),
            },
            errors=(409, *ASKS),
            codes=("INVALID_FREQUENCY", "PRESET_IS_DOCUMENTED", "DATABASE_ERROR"),
        ),
        Operation(
            method="GET",
            path="/api/v1/audio/presets/{preset}",
            name="getPreset",
            summary="One preset",
            access=Access.LOCAL,
            params=_WHICH,
            said={
                200: Said(
                    about="The preset",
                    schema=obj(_OK | {"id": text(), "preset": Preset}),
                    example={
                        "status": "success",
                        "id": "om-frequency",
                        "preset": _PRESET_SEEN,
                    },
                )
            },
            errors=(404, *ASKS),
        ),
        Operation(
            method="DELETE",
            path="/api/v1/audio/presets/{preset}",
            name="forgetPreset",
            summary="Forget a preset that was kept",
            access=Access.LOCAL,
            params=_WHICH,
            said={
                200: Said(
                    about="It is gone",
                    schema=obj(_OK | _MESSAGE | {"id": text()}),
                    example={
                        "status": "success",
                        "message": "Preset deleted",
                        "id": "evening-bowl",
                    },
                )
            },
            errors=(404, 409, *ASKS),
            codes=("PRESET_IS_DOCUMENTED", "DATABASE_ERROR"),
        ),
        Operation(
            method="GET",
            path="/api/v1/audio/frequencies/range",
            name="listFrequencyRanges",
            summary="Recommended frequencies",
            access=Access.LOCAL,
            said={
                200: Said(
                    about="By name",
                    schema=obj(_OK | {"ranges": mapped(FrequencyRange)}),
                    example={
                        "status": "success",
                        "ranges": {
                            "earth_resonance": {
                                "name": "Earth Resonance",
                                "min": 7.0,
                                "max": 10.0,
                                "description": "Schumann resonance frequencies",
                            }
                        },
                    },
                )
            },
            errors=ASKS,
        ),
    ),
)
