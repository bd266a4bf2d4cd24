"""Output of C code to file descriptors 1 and 2 of a worker, as text of the cell."""

import codecs

import _carme

decoders = {fd: codecs.getincrementaldecoder("utf-8")("replace") for fd in (1, 2)}


def write(fd: int, data: bytes) -> None:
    """Writes complete characters; an incomplete one waits for its other bytes."""
    text = decoders[fd].decode(data)
    if text:
        (_carme.write_stdout if fd == 1 else _carme.write_stderr)(text)
