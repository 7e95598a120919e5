"""Blocks of sound as streams send them: a head and 16-bit samples."""

import struct

import numpy as np
import numpy.typing as npt

from protocols.ports import Clock
from protocols.sound import PCM_HEADER, PCM_MAGIC, SFREQ, SoundBlock

_FULL = 32767.0
_head = struct.Struct(PCM_HEADER).pack


def pcm_of(block: SoundBlock, clock: Clock) -> bytes:
    """Give a block's message: `protocols.sound.PCM_HEADER`, then the samples.

    Args:
        block: what is to be sent.
        clock: says what its time is since 1970.
    """
    head = _head(PCM_MAGIC, SFREQ, block.first_sample, clock.unix(block.at))
    return head + sixteen_bit(block.samples).tobytes()


def sixteen_bit(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    """Give samples as 16-bit integers, little-endian; what is above full scale is cut."""
    scaled = np.rint(samples * np.float32(_FULL))
    whole: npt.NDArray[np.int16] = np.clip(scaled, -_FULL, _FULL).astype("<i2")
    return whole
