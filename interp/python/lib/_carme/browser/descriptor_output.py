"""What C code in a worker writes to descriptors 1 and 2, as text of its cell."""

import codecs

import _carme

decoders = {fd: codecs.getincrementaldecoder("utf-8")("replace") for fd in (1, 2)}


def write(fd: int, data: bytes) -> None:
    """Appends what is whole; half a character waits for its other half."""
    text = decoders[fd].decode(data)
    if text:
        (_carme.write_stdout if fd == 1 else _carme.write_stderr)(text)
