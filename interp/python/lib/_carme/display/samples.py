"""Samples as a sound file, for Audio. Source: the wave module; IPython's documentation, Audio."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

LOUDEST = 32767  # of 16-bit samples


def sound_file(samples: Any, rate: int, normalize: bool) -> bytes:
    """A WAV file of 16-bit samples. normalize: the loudest is as loud as can be.

    ValueError: samples beyond 1 that are not normalized, or rows of rows.
    """
    import io
    import wave

    try:
        frames, channels = with_numpy(samples, normalize)
    except ImportError:
        frames, channels = without_numpy(samples, normalize)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setframerate(rate)
        file.setsampwidth(2)
        file.writeframes(frames)
    return buffer.getvalue()


def with_numpy(samples: Any, normalize: bool) -> Tuple[bytes, int]:
    """Frames, and how many channels they have."""
    import numpy

    data = numpy.array(samples, dtype=float)
    if data.ndim not in (1, 2):
        raise ValueError("Array audio input must be a 1D or 2D array")
    channels = 1 if data.ndim == 1 else data.shape[0]
    scaled = data.T.ravel() / divisor(numpy.max(numpy.abs(data)), normalize) * LOUDEST
    return scaled.astype("<h").tobytes(), channels


def without_numpy(samples: Any, normalize: bool) -> Tuple[bytes, int]:
    """The same, of lists."""
    from array import array

    rows = [list(row) for row in samples] if hasattr(samples[0], "__len__") else [list(samples)]
    loudest = max(abs(float(each)) for row in rows for each in row)
    by = divisor(loudest, normalize)
    frames = array("h", (int(float(each) / by * LOUDEST) for frame in zip(*rows) for each in frame))
    if sys.byteorder == "big":
        frames.byteswap()
    return frames.tobytes(), len(rows)


def divisor(loudest: Any, normalize: bool) -> Any:
    """By what samples are divided."""
    if not normalize and loudest > 1:
        raise ValueError("Audio data must be between -1 and 1 when normalize=False.")
    return loudest if normalize else 1
