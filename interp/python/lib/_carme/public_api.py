"""What cells can import as `carme`."""

from _carme.concurrency.background import background

__all__ = ["background"]
