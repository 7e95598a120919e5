"""Meanings, wishes and pictures for tests, with true shapes."""

import numpy as np

from protocols.eeg import ChannelQuality, CleanChunk, ContactState, SignalInfo
from protocols.features import Features
from protocols.generation import Imagine, Picture
from protocols.meaning import Cause, Concept, Meaning, MoodAxis
from protocols.pictures import Painting, PictureWish

INFO = SignalInfo(device="simulator", sfreq=250.0, ch_names=("Fp1", "O1"), opened_at=0.0)


def axis(value: float) -> MoodAxis:
    return MoodAxis(value=value, confidence=0.8, formula="beta / alpha", source="a paper")


def meaning(prompt: str = "a calm sea", *, at: float = 1.0, driven: bool = True) -> Meaning:
    return Meaning(
        captured_at=at,
        arousal=axis(0.2),
        valence=axis(-0.1),
        concepts=(Concept(word="sea", weight=0.75, because="alpha +1.8 SD"),),
        causes=(Cause(feature="alpha", word="sea", change=0.5),),
        prompt=prompt,
        palette=((0.0, 0.5, 1.0),),
        motion=0.25,
        confidence=0.9 if driven else 0.0,
        driven=driven,
        features={"alpha": 1.8},
        device="simulator" if driven else "",
        read_at=at + 0.001,
        cleaned_at=at + 0.002,
        encoded_at=at + 0.004,
        meant_at=at + 0.008,
    )


def imagine(session: str, prompt: str = "a calm sea", deadline_at: float = 10.0) -> Imagine:
    return Imagine(
        session=session,
        meaning=meaning(prompt),
        wish=PictureWish(prompt=prompt, session=session, width=64, height=64),
        deadline_at=deadline_at,
    )


def painting(value: int = 128, size: int = 64) -> Painting:
    pixels = np.full((size, size, 3), value, np.uint8)
    pixels.flags.writeable = False
    return Painting(
        pixels=pixels, model="a-painter", seed=7, effective_steps=12, known_words=("sea",)
    )


def picture(session: str, said: Meaning | None = None, value: int = 128) -> Picture:
    said = said or meaning()
    return Picture(
        session=session,
        meaning=said,
        wish=PictureWish(prompt=said.prompt, session=session, width=64, height=64),
        painting=painting(value),
        queued_at=said.meant_at,
        began_at=said.meant_at + 0.016,
        done_at=said.meant_at + 0.048,
    )


def clean_chunk(first_sample: int = 0, samples: int = 25) -> CleanChunk:
    uv = np.arange(2 * samples, dtype=np.float32).reshape(2, samples)
    uv.flags.writeable = False
    return CleanChunk(
        info=INFO,
        first_sample=first_sample,
        captured_at=1.0,
        uv=uv,
        raw_uv=uv + np.float32(62_000),
        quality=(
            ChannelQuality(state=ContactState.GOOD, index=0.95, reason="clean"),
            ChannelQuality(state=ContactState.FLAT, index=0.0, reason="0.0 µV"),
        ),
    )


def features() -> Features:
    vector = np.zeros(512, np.float32)
    vector[0] = 1.0
    return Features(
        info=INFO,
        first_sample=0,
        captured_at=1.0,
        absolute_uv2=np.ones((2, 5), np.float32),
        relative=np.full((2, 5), 0.2, np.float32),
        asymmetry=None,
        entropy=0.7,
        z={"alpha": 1.8},
        baseline=1.0,
        quality=(),
        confidence=0.9,
        vector=vector,
    )
