"""The stages' arithmetic, as the analysis actor asks for it: messages in, messages out."""

from actors.analysis.actor import Arithmetic
from actors.encoder.recording import encode_chunk
from actors.filters.recording import clean_recording
from actors.semantics.extract import extract, prompt_of_vector
from protocols.analysis import Encoded, Preprocessed, Samples


def arithmetic() -> Arithmetic:
    """What the pipeline's own stages would answer."""
    return Arithmetic(
        preprocess=preprocess,
        encode=encode,
        extract=extract,
        prompt_of_vector=prompt_of_vector,
    )


def preprocess(samples: Samples) -> Preprocessed:
    """Clean a piece of EEG.

    Raises:
        ValueError: too slow a sampling rate, or no samples.
    """
    clean = clean_recording(
        samples.uv, samples.sfreq, samples.mains_hz, ch_names=samples.ch_names
    )
    return Preprocessed(
        uv=clean.uv,
        quality=clean.quality,
        absolute_uv2=clean.absolute_uv2,
        relative=clean.relative,
        notes=clean.notes,
    )


def encode(samples: Samples) -> Encoded:
    """Measure a piece of clean EEG.

    Raises:
        ValueError: it is shorter than the shortest window.
    """
    made = encode_chunk(samples.uv, samples.sfreq, samples.ch_names)
    return Encoded(
        window_s=made.window_s,
        absolute_uv2=made.absolute_uv2,
        relative=made.relative,
        asymmetry=made.asymmetry,
        entropy=made.entropy,
        confidence=made.confidence,
        vector=made.vector,
    )
