"""What cells can import as `carme`."""

from _carme.background import background

__all__ = ["background"]
