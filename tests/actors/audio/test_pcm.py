"""A streamed block says what it is; its samples are those that sound, to 16 bits."""

import struct

import numpy as np
import pytest

from actors.audio.pcm import pcm_of, sixteen_bit
from protocols.sound import BLOCK, PCM_HEADER, PCM_MAGIC, SFREQ, SoundBlock
from tests.time_stand_ins import VirtualClock


def test_a_block_has_a_head_and_its_samples() -> None:
    samples = np.zeros((BLOCK, 2), np.float32)
    samples[0] = 1.0, -1.0
    block = SoundBlock(voice="", first_sample=2**40, at=3.5, samples=samples)
    clock = VirtualClock()

    data = pcm_of(block, clock)

    assert len(data) == 24 + BLOCK * 4
    assert struct.unpack(PCM_HEADER, data[:24]) == (
        PCM_MAGIC,
        SFREQ,
        2**40,
        clock.unix(3.5),
    )
    assert struct.unpack("<hh", data[24:28]) == (32767, -32767)


def test_samples_are_rounded_and_never_wrap() -> None:
    samples = np.array([[0.5, -0.5], [1.5, -1.5], [1e-6, -1e-6]], np.float32)

    whole = sixteen_bit(samples)

    assert whole.dtype == np.dtype("<i2")
    assert np.abs(whole[0] / 32767.0) == pytest.approx(0.5, abs=2e-5)
    assert whole[1:].tolist() == [[32767, -32767], [0, 0]]
