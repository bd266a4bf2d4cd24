"""Which cell gets what threads write. Source: the README, "%config Carme.thread_output"."""

import _carme


class ThreadOutput:
    """A thread's "origin", or as under ipykernel the "latest" cell."""

    cell = "origin"

    @classmethod
    def choose(cls, cell: "str") -> None:
        """For all threads, also those that run. ValueError: no such choice."""
        if cell not in ("origin", "latest"):
            raise ValueError(f"a thread's output goes to 'origin' or 'latest', not to {cell!r}")
        cls.cell = cell
        _carme.follow_latest(cell == "latest")
