"""Audio samples as a WAV file. Source: the wave module; IPython's documentation, Audio."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

MAX_SAMPLE = 32767  # of 16 bits


def wav_file(samples: Any, rate: int, normalize: bool) -> bytes:
    """A WAV file of 16-bit samples. normalize: the largest amplitude becomes MAX_SAMPLE.

    ValueError: amplitudes over 1 without normalize, or more than two dimensions.
    """
    import io
    import wave

    try:
        frames, channels = frames_with_numpy(samples, normalize)
    except ImportError:
        frames, channels = frames_without_numpy(samples, normalize)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setframerate(rate)
        file.setsampwidth(2)
        file.writeframes(frames)
    return buffer.getvalue()


def frames_with_numpy(samples: Any, normalize: bool) -> Tuple[bytes, int]:
    """(frames, number of channels) of an array."""
    import numpy

    data = numpy.array(samples, dtype=float)
    if data.ndim not in (1, 2):
        raise ValueError("Array audio input must be a 1D or 2D array")
    channels = 1 if data.ndim == 1 else data.shape[0]
    scaled = data.T.ravel() / divisor(numpy.max(numpy.abs(data)), normalize) * MAX_SAMPLE
    return scaled.astype("<h").tobytes(), channels


def frames_without_numpy(samples: Any, normalize: bool) -> Tuple[bytes, int]:
    """(frames, number of channels) of lists."""
    from array import array

    rows = [list(row) for row in samples] if hasattr(samples[0], "__len__") else [list(samples)]
    amplitude = max(abs(float(each)) for row in rows for each in row)
    scale = divisor(amplitude, normalize)
    frames = array(
        "h", (int(float(each) / scale * MAX_SAMPLE) for frame in zip(*rows) for each in frame)
    )
    if sys.byteorder == "big":
        frames.byteswap()
    return frames.tobytes(), len(rows)


def divisor(amplitude: Any, normalize: bool) -> Any:
    """The number to divide samples by, for amplitudes of 1 at most."""
    if not normalize and amplitude > 1:
        raise ValueError("Audio data must be between -1 and 1 when normalize=False.")
    return amplitude if normalize else 1
