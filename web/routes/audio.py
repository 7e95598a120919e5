"""Sound over HTTP (document 003). No key on this machine, any key elsewhere.

POST /api/v1/audio/generate   render a sound, and make it the one to play
POST /api/v1/audio/play       play it; 503 if its output cannot, but it streams
POST /api/v1/audio/stop       fade it out
GET  /api/v1/audio/status     what there is, and what sounds
GET  /api/v1/audio/spectrum   of the last tenth of a second of what sounds
GET  /api/v1/audio/file       the sound as a file, WAV, FLAC or OGG, or a part of it
"""

from typing import Any, Final

import msgspec
from quart import Blueprint, Response, request

from protocols.sound import (
    MAIN,
    SFREQ,
    SPECTRUM_BINS,
    ClipFile,
    ClipView,
    Generate,
    OutputView,
    Play,
    Playing,
    ReadClip,
    ReadSound,
    SoundConfig,
    SoundView,
    StopSound,
)
from web.answers import answer, ask_actor, body_object, client_base
from web.auth import caller_or_local
from web.door import Door
from web.errors import Problem
from web.fields import Fields
from web.file_answer import Leaflet, file_answer
from web.origin import stream_url
from web.sound_answers import known_presets, later, refused
from web.sound_wish import asks_for_preset, hardware_level, sound_config

FORMATS: Final = ("wav", "flac", "ogg")
STREAM: Final = "/api/v1/audio/stream"
_FAILED: Final = ("lost", "failed")


def audio_routes(door: Door) -> Blueprint:
    """Routes that make, play and show sounds."""
    routes = Blueprint("audio", __name__, url_prefix="/api/v1/audio")

    @routes.before_request
    async def check_caller() -> None:
        await caller_or_local(door)

    @routes.post("/generate")
    async def generate() -> Response:
        body = await body_object(door)
        presets = (await known_presets(door)).presets if asks_for_preset(body) else None
        clip = await _rendered(door, sound_config(body, presets))
        return answer(_generated(door, clip))

    @routes.post("/play")
    async def play() -> Response:
        level = hardware_level(await _body(door))
        reply = await ask_actor(door, door.sound, Play(level=level))
        if not isinstance(reply, Playing):
            raise refused(reply, no_audio=409, more=_streams(door))
        if reply.output.state in _FAILED:
            raise _unplayable(door, reply.output)
        return answer(_playing(door, reply))

    @routes.post("/stop")
    async def stop() -> Response:
        view = _view(await ask_actor(door, door.sound, StopSound()))
        said = {"message": "Audio stop request processed", "playing": view.playing}
        return answer({"status": "success"} | said)

    @routes.get("/status")
    async def status() -> Response:
        view = _view(await ask_actor(door, door.sound, ReadSound()))
        return answer(_status(door, view))

    @routes.get("/spectrum")
    async def spectrum() -> Response:
        view = _view(await ask_actor(door, door.sound, ReadSound()))
        return answer(_spectrum(door, view))

    @routes.get("/file")
    async def file() -> Response:
        return await _file(door)

    return routes


# -- asking ---------------------------------------------------------------------------


async def _body(door: Door) -> dict[str, Any]:
    chunked = "Transfer-Encoding" in request.headers
    return await body_object(door) if request.content_length or chunked else {}


async def _rendered(door: Door, config: SoundConfig) -> ClipView:
    reply = await ask_actor(
        door, door.sound, Generate(config), timeout_s=door.limits.sound_s
    )
    if not isinstance(reply, ClipView):
        raise refused(reply)
    return reply


async def _file(door: Door) -> Response:
    fields = Fields(request.args.to_dict())
    kind = fields.choice("format", FORMATS, FORMATS[0])
    fields.finish()
    reply = await ask_actor(
        door, door.sound, ReadClip(format=kind), timeout_s=door.limits.sound_s
    )
    if not isinstance(reply, ClipFile):
        raise refused(reply)
    config = reply.clip.config
    what = "bowl" if config.prayer_bowl_mode else "tone"
    leaflet = Leaflet(
        path=reply.path,
        mime=reply.mime,
        name=f"phosphene-{what}-{config.frequency:g}-hz.{kind}",
        mark=f"{reply.clip.id}-{kind}",
    )
    try:
        return await file_answer(leaflet)
    except OSError as error:  # a newer clip took its place, or the disk fails
        raise later("AUDIO_UNAVAILABLE", "the file is not there now") from error


# -- answering ------------------------------------------------------------------------


def _view(reply: object) -> SoundView:
    if isinstance(reply, SoundView):
        return reply
    raise refused(reply)


def _generated(door: Door, clip: ClipView) -> dict[str, Any]:
    return {
        "status": "success",
        "message": "Audio generation completed",
        "config": clip.config,
        "audio_generated": clip.samples > 0,
        "samples": clip.samples,
        "id": clip.id,
        "sfreq": SFREQ,
        "channels": 2,
        "peak": clip.peak,
        "loudness_lufs": clip.loudness_lufs,
        "gain": clip.gain,
        "generation_time_ms": round(clip.took_s * 1000, 1),
        "file_url": f"{client_base(door)}/api/v1/audio/file?format=wav",
    }


def _playing(door: Door, playing: Playing) -> dict[str, Any]:
    return {
        "status": "success",
        "message": "Audio playback started",
        "hardware_level": playing.level,
        "audio_duration": playing.clip.samples / SFREQ,
        "audio_samples": playing.clip.samples,
        "output": _output(playing.output),
    } | _streams(door)


def _status(door: Door, view: SoundView) -> dict[str, Any]:
    clip = view.clip
    return {
        "status": "success",
        "has_audio": clip is not None,
        "audio_duration": 0.0 if clip is None else clip.samples / SFREQ,
        "spectrum_available": _sounds(view),
        "timestamp": door.unix(),
        "audio_samples": 0 if clip is None else clip.samples,
        "playing": view.playing,
        "position": view.position_s,
        "config": view.config,
        "outputs": [_output(one) for one in view.outputs],
        "sessions_sounding": sum(voice != MAIN for voice in view.voices),
        "skipped_samples": view.skipped,
    }


def _spectrum(door: Door, view: SoundView) -> dict[str, Any]:
    return {
        "status": "success",
        "spectrum": view.spectrum,
        "length": len(view.spectrum),
        "timestamp": door.unix(),
        "playing": view.playing,
        "frequencies": FREQUENCIES,
    }


def _middles(count: int, low_hz: float, high_hz: float) -> tuple[float, ...]:
    ratio = high_hz / low_hz
    return tuple(round(low_hz * ratio ** ((i + 0.5) / count), 1) for i in range(count))


FREQUENCIES: Final = _middles(SPECTRUM_BINS, 20.0, 20_000.0)
"""Hertz, of the middles of the spectrum's bins."""


def _sounds(view: SoundView) -> bool:
    return view.playing or any(view.spectrum)


def _output(output: OutputView) -> dict[str, Any]:
    said = msgspec.structs.asdict(output)
    if output.state == "none" and not output.reason:
        said["reason"] = f"no output is configured: audio.output_{output.level}"
    return said


def _streams(door: Door) -> dict[str, Any]:
    return {"stream_url": stream_url(client_base(door)) + STREAM}


def _unplayable(door: Door, output: OutputView) -> Problem:
    why = output.reason or "the device does not play"
    details = {"output": _output(output), "streaming": True} | _streams(door)
    return later("AUDIO_UNAVAILABLE", f"{why}; it streams", details)
