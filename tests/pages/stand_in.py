"""A server that is not there: the live page's files and forms, with a small made-up brain.

Speaks what `web` speaks to the page (session create, get, end, pause, resume, brain,
devices, `WS /stream/<id>` in its binary and signals forms), so that the page can be made
and tested alone. Run it: `python tests/pages/stand_in.py` prints its address. Requests to
`/_test/…` do what no real server does on demand: drop the sockets, flash, freeze.
"""

import mimetypes
import struct
from functools import partial
from pathlib import Path
from typing import Any

import hypercorn.config
import hypercorn.trio
import msgpack
import msgspec
import numpy as np
import numpy.typing as npt
import simplejpeg
import trio
from quart import Response, request, websocket
from quart_trio import QuartTrio

from protocols.features import BANDS
from protocols.sound import BLOCK, PCM_HEADER, PCM_MAGIC, SFREQ as SOUND_HZ
from protocols.wire import ImageMessage, ImageMetadata, SignalsMessage, StatusMessage

WEB = Path(__file__).parents[2] / "web"
KEY = "phos_stand_in"
CHANNELS = ("Fp1", "Fp2", "C3", "C4", "P7", "P8", "O1", "O2")
SFREQ = 128.0
SIZE = 256
EYES = np.array([0.3, 0.3, 0.5, 0.5, 0.8, 0.8, 1.2, 1.2])[:, None]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

Floats = npt.NDArray[np.float64]


class Room:
    """The sitter, the headset and the painter of one session."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.state: dict[str, Any] = {
            "eyes_closed": False,
            "relaxation": 0.5,
            "focus": 0.3,
            "drowsiness": 0.0,
            "pleasure": 0.0,
        }
        self.loose: set[str] = set()
        self.commands: list[dict[str, Any]] = []
        self.status, self.reason = "streaming", ""
        self.flashing = self.deaf = False
        self.sequence = 0
        self.tick = 0
        self.turned = trio.Event()
        self.frame = b""
        self.said: list[str] = []
        self.watchers = 0
        self.sounds = False
        self.hushed = 0  # blocks that are left out from now on
        self._rng = np.random.default_rng(8)
        self._slow = np.zeros(len(CHANNELS))
        self._burst = 0
        self._clean = np.zeros((len(CHANNELS), 256))

    def command(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        match command:
            case {"command": "set_state", **fields}:
                self.state.update(fields)
            case {"command": "blink"}:
                self._burst = 3
            case {"command": "loosen_electrode", "channel": name, "loose": loose}:
                (self.loose.add if loose else self.loose.discard)(name)
            case {"command": "unplug", "unplugged": gone}:
                word = ("searching", "no headset found; trying again every 2 s")
                self.status, self.reason = word if gone else ("streaming", "")

    def step(self) -> SignalsMessage:
        """Make the next 100 ms."""
        first, last = (round(t * 0.1 * SFREQ) for t in (self.tick, self.tick + 1))
        self.tick += 1
        clean, raw = self._samples(np.arange(first, last) / SFREQ)
        self._clean = np.concatenate([self._clean, clean], axis=1)[:, -256:]
        relative = self._relative()
        mood = self._mood(relative)
        return SignalsMessage(
            timestamp=trio.current_time(),
            device=self.device,
            sfreq=SFREQ,
            ch_names=list(CHANNELS),
            first_sample=first,
            raw_uv=np.round(raw, 2).tolist(),
            clean_uv=np.round(clean, 2).tolist(),
            quality=[self._quality(name) for name in CHANNELS],
            bands=[name for name, _, _ in BANDS],
            relative=np.round(relative, 4).tolist(),
            z=self._z(relative),
            baseline=min(1.0, self.tick / 300),
            entropy=0.71,
            asymmetry=0.08,
            confidence=1 - len(self.loose) / len(CHANNELS),
            concepts=self._concepts(relative),
            causes=[{"feature": "alpha", "word": "water", "change": 0.6}],
            prompt=self._prompt(relative),
            **mood,
        )

    def picture(self, signals: SignalsMessage) -> tuple[ImageMessage, bytes]:
        """Paint what the signals drive."""
        self.sequence += 1
        work = 22 + 6 * float(self._rng.random())
        stages = {
            "read": 8.2, "filter": 1.4, "encode": 3.1, "semantic": 0.9,
            "queue": 2 * float(self._rng.random()), "generate": work, "codec": 1.6,
        }  # fmt: skip
        stages["total"] = sum(stages.values()) + 6
        axis = {
            "formula": "(beta - alpha) / (beta + alpha), frontal",
            "source": "after a paper",
        }
        metadata = ImageMetadata(
            prompt=signals.prompt, confidence=signals.confidence,
            driven=self.status == "streaming", model="stand-in", seed=8, steps=1,
            width=SIZE, height=SIZE, format="jpeg", device=self.device,
            concepts=signals.concepts,
            mood={
                "arousal": {"value": signals.arousal, "confidence": 0.8, **axis},
                "valence": {"value": signals.valence, "confidence": 0.8, **axis},
            },
            features=signals.z, known_words=[], motion=0.4,
            palette=["#3b2a6b", "#f0b866", "#223355"],
        )  # fmt: skip
        message = ImageMessage(
            image_base64="",
            timestamp=signals.timestamp,
            sequence=self.sequence,
            captured_at=signals.timestamp,
            latency_ms=stages,
            metadata=metadata,
        )
        return message, simplejpeg.encode_jpeg(self._paint(signals), quality=85)

    def _samples(self, t: Floats) -> tuple[Floats, Floats]:
        shape = (len(CHANNELS), t.size)
        closed = 1.0 if self.state["eyes_closed"] else 0.25
        phase = np.arange(len(CHANNELS))[:, None] * 0.4
        waxing = 1 + 0.5 * np.sin(2 * np.pi * 0.31 * t)
        alpha = 14 * closed * (0.5 + self.state["relaxation"]) * EYES * waxing
        clean = alpha * np.sin(2 * np.pi * 10.2 * t + phase)
        clean += 4 * self.state["focus"] * np.sin(2 * np.pi * 21 * t + 3 * phase)
        clean += 6 * np.sin(2 * np.pi * 5.5 * t + phase) * (0.4 + self.state["drowsiness"])
        clean += 3.5 * self._rng.standard_normal(shape)
        if self._burst:
            self._burst -= 1
            clean[:2] += 90 * np.sin(np.pi * np.linspace(0, 1, t.size))
        raw = (
            clean
            + 9 * np.sin(2 * np.pi * 50 * t)
            + 12 * np.sin(2 * np.pi * 0.23 * t + phase)
        )
        for name in self.loose:
            raw[CHANNELS.index(name)] += 160 * self._rng.standard_normal(t.size)
            clean[CHANNELS.index(name)] += 45 * self._rng.standard_normal(t.size)
        return clean, raw

    def _relative(self) -> Floats:
        power = np.abs(np.fft.rfft(self._clean * np.hanning(256), axis=1)) ** 2
        hz = np.fft.rfftfreq(256, 1 / SFREQ)
        bands = [power[:, (hz >= low) & (hz < high)].sum(axis=1) for _, low, high in BANDS]
        power = np.stack(bands, axis=1)
        share: Floats = power / power.sum(axis=1, keepdims=True)
        return share

    def _z(self, relative: Floats) -> dict[str, float]:
        if self.tick < 100:
            return {}
        mean = relative.mean(axis=0) / np.array([0.12, 0.22, 0.4, 0.16, 0.1])
        return {
            name: round(float(np.log(share)), 2)
            for (name, _, _), share in zip(BANDS, mean, strict=True)
        }

    def _mood(self, relative: Floats) -> dict[str, float]:
        _, theta, alpha, beta, _ = relative.mean(axis=0)
        wander = 0.15 * np.sin(self.tick / 37)
        arousal = float(np.tanh(np.log(beta / (alpha + theta)) + 1.2) + wander)
        return {"arousal": arousal, "valence": float(self.state["pleasure"] * 0.7 + wander)}

    def _concepts(self, relative: Floats) -> list[dict[str, Any]]:
        _, theta, alpha, beta, gamma = (float(v) for v in relative.mean(axis=0))
        words = [
            ("still water", 1.5 * alpha, f"alpha {alpha:.0%} of power, +1.8 SD over rest"),
            ("dusk", alpha + theta, f"alpha and theta together {alpha + theta:.0%}"),
            ("mountains", 0.55, "spectral entropy 0.71, steady for 8 s"),
            ("ember", 2.2 * beta, f"beta {beta:.0%} of power, +0.9 SD"),
            ("mist", 1.6 * theta, f"theta {theta:.0%} of power, 0.2 SD under rest"),
            ("lightning", 3 * gamma, f"gamma {gamma:.0%} of power"),
        ]
        made = [
            {"word": word, "weight": round(min(1.0, weight), 3), "because": why}
            for word, weight, why in words
        ]
        return sorted(made, key=lambda concept: -float(str(concept["weight"])))

    def _prompt(self, relative: Floats) -> str:
        first, second, third, *_ = (c["word"] for c in self._concepts(relative))
        return (
            f"{first}, {second} and {third}, violet and amber, slow light, a calm horizon"
        )

    def _quality(self, name: str) -> dict[str, Any]:
        if name in self.loose:
            return {"state": "noisy", "index": 0.21, "reason": "mains hum 34 µV RMS"}
        if self._burst and name.startswith("Fp"):
            return {"state": "blink", "index": 0.6, "reason": "a blink is passing: 92 µV"}
        if self.tick < 20:
            return {"state": "settling", "index": 0.5, "reason": "1.2 s of 2 s"}
        return {"state": "good", "index": 0.94, "reason": ""}

    def _paint(self, signals: SignalsMessage) -> npt.NDArray[np.uint8]:
        if self.flashing:
            return np.full((SIZE, SIZE, 3), 255 * int(self._rng.integers(2)), np.uint8)
        y, x = np.mgrid[0 : 1 : SIZE * 1j, 0 : 1 : SIZE * 1j].astype(np.float32)
        t = self.tick / 10
        calm = 0.5 - 0.5 * signals.arousal
        top = np.array([34, 22, 74], np.float32) + 30 * calm
        low = np.array([244, 168, 92], np.float32)
        sky = top + (low - top) * (y**1.6)[..., None]
        sun = np.exp(-(((x - 0.5 - 0.1 * np.sin(t / 9)) ** 2 + (y - 0.42) ** 2) * 90))
        sky += sun[..., None] * np.array([120, 110, 80], np.float32)
        for depth, height in enumerate((0.52, 0.6, 0.7)):
            ridge = height + 0.05 * np.sin(9 * x + depth * 2 + t / 20)
            ridge += 0.02 * np.sin(31 * x + depth * 5)
            shade = np.array([96, 64, 120], np.float32) / (1 + 0.8 * depth)
            sky = np.where((y > ridge)[..., None], shade + 26 * (1 - y[..., None]), sky)
        ripple = np.sin(160 * np.sqrt(np.maximum(0, y - 0.78)) + t * 2 + 4 * x)
        water = np.array([58, 44, 98], np.float32) + 22 * ripple[..., None] * calm
        sky = np.where(
            (y > 0.78)[..., None], water + 60 * sun.mean(axis=0)[None, :, None], sky
        )
        return np.ascontiguousarray(np.clip(sky, 0, 255).astype(np.uint8))


class StandIn:
    """The application and its rooms."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self._drops = 0
        self.app = QuartTrio("stand_in", static_folder=None)
        self._routes()

    def _routes(self) -> None:
        app = self.app
        app.after_request(self._secured)
        app.get("/live")(self._page)
        app.get("/static/<path:path>")(self._file)
        app.get("/api/v1/devices")(self._devices)
        app.post("/api/v1/session/create")(self._create)
        app.get("/api/v1/session/<session>")(self._look)
        app.post("/api/v1/session/<session>/<verb>")(self._act)
        app.post("/_test/<session>/<what>")(self._test)
        app.get("/_test/<session>/commands")(self._commands)
        app.websocket("/stream/<session>")(self._stream)
        app.websocket("/stream/<session>/audio")(self._sound)

    async def _secured(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    async def _page(self) -> Response:
        return await self._send(WEB / "pages" / "live.html")

    async def _file(self, path: str) -> Response:
        return await self._send(WEB / "static" / path)

    async def _send(self, path: Path) -> Response:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(await trio.Path(path).read_bytes(), content_type=kind)

    def _refused(self) -> Response | None:
        if request.headers.get("Authorization") == f"Bearer {KEY}":
            return None
        return answer(
            {"error": {"code": "UNAUTHORIZED", "message": "That key is not known."}}, 401
        )

    async def _devices(self) -> Response:
        devices = [
            {"device_type": "simulator", "name": "Simulated brain", "available": True,
             "reason": "seeded, with a sitter you can steer"},
            {"device_type": "replay:rest_20ch_500hz.edf", "name": "Resting, 20 channels",
             "available": True, "reason": ""},
            {"device_type": "muse", "name": "Muse", "available": False,
             "reason": "no headband in reach; a session would go on searching"},
        ]  # fmt: skip
        return self._refused() or answer({"devices": devices})

    async def _create(self) -> Response:
        if refused := self._refused():
            return refused
        wish = msgspec.json.decode(await request.get_data())
        if wish["device_type"] == "nothing":
            message = "device_type: there is no device `nothing`"
            return answer({"error": {"code": "VALIDATION", "message": message}}, 422)
        session = f"sess_{len(self.rooms) + 1}"
        self.rooms[session] = room = Room(wish["device_type"])
        self.app.nursery.start_soon(self._live, room)
        url = f"ws://{request.host}/stream/{session}"
        return answer({"session_id": session, "status": "active", "websocket_url": url})

    async def _look(self, session: str) -> Response:
        if session not in self.rooms:
            return answer(
                {"error": {"code": "NOT_FOUND", "message": "no such session"}}, 404
            )
        status = "ended" if self.rooms[session].status == "ended" else "active"
        return answer({"session_id": session, "status": status})

    async def _act(self, session: str, verb: str) -> Response:
        room = self.rooms[session]
        if verb == "brain" and room.deaf:
            room.deaf = False
            early = {"error": {"code": "UNAVAILABLE", "message": "it is starting"}}
            response = answer(early, 503)
            response.headers["Retry-After"] = "1"
            return response
        if verb == "brain":
            room.command(msgspec.json.decode(await request.get_data()))
        elif verb == "sound":
            room.sounds = msgspec.json.decode(await request.get_data())["sound"]
        elif verb in {"pause", "resume"}:
            paused = verb == "pause"
            room.status, room.reason = (
                ("paused", "you paused it") if paused else ("streaming", "")
            )
        elif verb == "end":
            room.status = "ended"
            summary = {
                "total_images": room.sequence,
                "duration_seconds": room.tick / 10,
                "avg_latency_ms": 48.0,
            }
            return answer({"session_id": session, "status": "ended", "summary": summary})
        return answer({"session_id": session, "status": "active"})

    async def _test(self, session: str, what: str) -> Response:
        room = self.rooms[session]
        match what:
            case "drop":
                self._drops += 1
            case "forget":
                del self.rooms[session]
                self._drops += 1
            case "deafen":
                room.deaf = True
            case "hush":
                room.hushed = 10
            case "flash":
                room.flashing = True
            case "freeze":
                room.status, room.reason = (
                    "frozen",
                    "contact too poor: 1 of 8 channels is good",
                )
        return answer({})

    async def _commands(self, session: str) -> Response:
        return answer(self.rooms[session].commands)

    async def _live(self, room: Room) -> None:
        """Ten times a second, while somebody looks."""
        due = trio.current_time()
        while room.status != "ended":
            if room.status == "streaming" and room.watchers:
                signals = room.step()
                room.said.append(msgspec.json.encode(signals).decode())
                room.frame = frame(*room.picture(signals))
            room.turned.set()
            room.turned = trio.Event()
            due += 0.1
            await trio.sleep_until(due)
        room.turned.set()

    async def _stream(self, session: str) -> None:
        room = self.rooms.get(session)
        if room is None:
            await websocket.close(1008)
            return
        room.watchers += 1
        try:
            await self._show(room, binary=websocket.args["format"] == "binary")
        finally:
            room.watchers -= 1

    async def _sound(self, session: str) -> None:
        """A tone, a tenth of a second at a time, while the session sounds."""
        room, number = self.rooms[session], 0
        await websocket.send(msgspec.json.encode({"type": "audio_format"}).decode())
        due = trio.current_time()
        while room.status != "ended":
            if room.hushed:
                room.hushed -= 1
            elif room.sounds:
                await websocket.send(block(number, due))
            number += 1
            due += 0.1
            await trio.sleep_until(due)
        await websocket.close(1000)

    async def _show(self, room: Room, *, binary: bool) -> None:
        drops, told, sent = self._drops, "", len(room.said)
        while drops == self._drops:
            if binary and told != room.status:
                told = room.status
                await websocket.send(said(room))
            news, sent = room.said[sent:], len(room.said)
            if binary and news:
                await websocket.send(room.frame)
            for signals in [] if binary else news:
                await websocket.send(signals)
            if told == "ended":
                break
            await room.turned.wait()
        await websocket.close(1012)


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, content_type="application/json")


def said(room: Room) -> str:
    """The room's status, as text."""
    word = msgspec.convert(
        {
            "type": "status",
            "status": room.status,
            "reason": room.reason,
            "timestamp": trio.current_time(),
            "sequence": room.sequence,
        },
        StatusMessage,
    )
    return msgspec.json.encode(word).decode()


def block(number: int, at: float) -> bytes:
    """A tenth of a second of a tone of 440 Hz, as the server sends it."""
    n = np.arange(number * BLOCK, (number + 1) * BLOCK)
    tone = np.round(8000 * np.sin(2 * np.pi * 440 * n / SOUND_HZ)).astype("<i2")
    head = struct.pack(PCM_HEADER, PCM_MAGIC, SOUND_HZ, number * BLOCK, at)
    return head + np.stack([tone, tone], axis=1).tobytes()


def frame(message: ImageMessage, jpeg: bytes) -> bytes:
    """The binary form: length of the head, the head, the picture."""
    head = msgpack.packb(msgspec.to_builtins(message))
    return struct.pack(">I", len(head)) + bytes(head) + jpeg


async def main() -> None:
    config = hypercorn.config.Config()
    config.bind = ["127.0.0.1:0"]
    config.errorlog = None
    async with trio.open_nursery() as nursery:
        binds = await nursery.start(partial(hypercorn.trio.serve, StandIn().app, config))
        print(binds[0], flush=True)  # noqa: T201


if __name__ == "__main__":
    trio.run(main)
