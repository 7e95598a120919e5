"""A bowl sounds: it is generated, played, seen as a spectrum, kept as a file.

python first_sound.py [http://127.0.0.1:8008] [bowl.flac]
"""

import sys
from pathlib import Path

from phosphene.client import Phosphene, SoundWish
from protocols.live import RealtimeData

base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8008"
path = Path(sys.argv[2] if len(sys.argv) > 2 else "bowl.flac")  # noqa: PLR2004

with Phosphene(base) as phosphene:
    made = phosphene.audio.generate(SoundWish(frequency=136.1, duration=20.0))
    print(f"{made.samples} samples in {made.generation_time_ms} ms, peak {made.peak:.2f}")
    print(f"{phosphene.audio.save(path, 'flac')} bytes in {path}")

    playing = phosphene.audio.play()
    print(f"it plays for {playing.audio_duration} s; output: {playing.output.state}")

    frequencies = phosphene.audio.spectrum().frequencies
    with phosphene.live(topics=["realtime_data"], rate_hz=5) as live:
        for message in live:
            if isinstance(message, RealtimeData) and any(message.audio_spectrum):
                loudest = max(message.audio_spectrum)
                hertz = frequencies[message.audio_spectrum.index(loudest)]
                print(f"loudest: about {hertz} Hz")
                break

    with phosphene.audio.stream() as stream:
        block = next(stream)
        print(f"a block of {block.samples} samples, first sample {block.first_sample}")

    print(phosphene.audio.stop().message)
