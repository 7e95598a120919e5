"""Messages as the server writes them."""

import struct

import msgspec

from protocols.sound import PCM_HEADER, PCM_MAGIC
from protocols.wire import ImageMessage, ImageMetadata, StatusMessage


def picture(sequence: int, jpeg: bytes = b"\xff\xd8jpeg") -> bytes:
    metadata = ImageMetadata(
        prompt="a red sun", confidence=0.5, driven=True, model="painter", seed=2**40,
        steps=20, width=128, height=128, format="jpeg", device="simulator",
        concepts=[{"word": "sun", "weight": 0.7, "because": ["alpha"]}],
        mood={"arousal": {"value": -0.25}}, features={"alpha": 1e-3},
        known_words=["sun", "ü" * 40], motion=0.2, palette=["#ff0000"] * 20,
    )  # fmt: skip
    head = msgspec.msgpack.encode(
        ImageMessage(
            image_base64="",
            timestamp=1.5,
            sequence=sequence,
            captured_at=1.0,
            latency_ms={"total": 20.0},
            metadata=metadata,
        )
    )
    return struct.pack(">I", len(head)) + head + jpeg


def status(what: str, sequence: int = 0) -> str:
    told = {"type": "status", "status": what, "reason": "asked"}
    said = told | {"timestamp": 1.0, "sequence": sequence}
    return msgspec.json.encode(msgspec.convert(said, StatusMessage)).decode()


def block(first: int, samples: int = 3) -> bytes:
    pcm = struct.pack(f"<{2 * samples}h", *range(-samples, samples))
    return struct.pack(PCM_HEADER, PCM_MAGIC, 44_100, first, 1234.5) + pcm
