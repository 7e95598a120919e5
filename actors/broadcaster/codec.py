"""From a picture to the bytes of a message.

A live picture is a JPEG (512 x 512 takes 1.3 ms and lets other threads run; PNG takes
sixty times that). The documented form is JSON with base64; the binary form is a big-endian
uint32 (the head's length), the same message as MessagePack with an empty `image_base64`,
and the JPEG's bytes.
"""

import struct
from base64 import b64encode
from collections.abc import Callable

import msgspec
import simplejpeg

from protocols.generation import Picture
from protocols.meaning import Concept, MoodAxis
from protocols.pictures import Colour, Painting
from protocols.wire import ImageMessage, ImageMetadata

write_json = msgspec.json.Encoder().encode
write_msgpack = msgspec.msgpack.Encoder().encode


def jpeg(painting: Painting, quality: int) -> bytes:
    """Encode sRGB pixels; `quality` 1 to 100."""
    data: bytes = simplejpeg.encode_jpeg(
        painting.pixels, quality=quality, colorspace="RGB", colorsubsampling="420"
    )
    return data


def as_json(head: ImageMessage, image: bytes) -> bytes:
    """000's documented message."""
    return write_json(
        msgspec.structs.replace(head, image_base64=b64encode(image).decode("ascii"))
    )


def as_binary(head: ImageMessage, image: bytes) -> bytes:
    """Length of the head, the head, the picture."""
    packed = write_msgpack(head)
    return struct.pack(">I", len(packed)) + packed + image


def describe(
    picture: Picture,
    *,
    sequence: int,
    latency_ms: dict[str, float],
    unix: Callable[[float], float],
    published_at: float,
) -> ImageMessage:
    """The message without its picture: provenance and latency.

    Args:
        picture: with the meaning it was made from.
        sequence: of the frame in its stream.
        latency_ms: by stage, see `latency`.
        unix: from clock time to Unix seconds.
        published_at: clock time.
    """
    meaning, painting = picture.meaning, picture.painting
    height, width = painting.pixels.shape[:2]
    return ImageMessage(
        image_base64="",
        timestamp=unix(published_at),
        sequence=sequence,
        captured_at=unix(meaning.captured_at) if meaning.driven else 0.0,
        latency_ms=latency_ms,
        metadata=ImageMetadata(
            prompt=picture.wish.prompt,
            confidence=round(meaning.confidence, 4),
            driven=meaning.driven,
            model=painting.model,
            seed=painting.seed,
            steps=painting.effective_steps,
            width=width,
            height=height,
            format="jpeg",
            device=meaning.device,
            concepts=[concept(c) for c in meaning.concepts],
            mood={"arousal": axis(meaning.arousal), "valence": axis(meaning.valence)},
            features={name: round(value, 4) for name, value in meaning.features.items()},
            known_words=list(painting.known_words),
            motion=round(meaning.motion, 4),
            palette=[hex_colour(colour) for colour in meaning.palette],
        ),
    )


def latency(picture: Picture, encoded_at: float, published_at: float) -> dict[str, float]:
    """Milliseconds by stage, from the last sample on; the parts sum to `total`.

    Where no brain drives, only what happened is there: the way from the wish on.
    """
    meaning = picture.meaning
    marks = [
        ("read", meaning.captured_at, meaning.read_at),
        ("filter", meaning.read_at, meaning.cleaned_at),
        ("encode", meaning.cleaned_at, meaning.encoded_at),
        ("semantic", meaning.encoded_at, meaning.meant_at),
    ]
    since = meaning.captured_at if meaning.driven else meaning.meant_at
    parts = marks if meaning.driven else []
    parts += [
        ("queue", meaning.meant_at, picture.began_at),
        ("generate", picture.began_at, picture.done_at),
        ("deliver", picture.done_at, encoded_at),
        ("codec", encoded_at, published_at),
        ("total", since, published_at),
    ]
    return {name: round(1e3 * (end - begin), 3) for name, begin, end in parts}


def concept(said: Concept) -> dict[str, object]:
    """A word, as viewers see it."""
    return {"word": said.word, "weight": round(said.weight, 4), "because": said.because}


def axis(mood: MoodAxis) -> dict[str, object]:
    """Arousal or valence, as viewers see it."""
    return {
        "value": round(mood.value, 4),
        "confidence": round(mood.confidence, 4),
        "formula": mood.formula,
        "source": mood.source,
    }


def hex_colour(colour: Colour) -> str:
    """`#rrggbb` of sRGB 0 to 1."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in colour)
