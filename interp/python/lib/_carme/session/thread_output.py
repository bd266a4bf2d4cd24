"""The cell that threads write to. Source: the README, "%config Carme.thread_output"."""

import _carme


class ThreadOutput:
    """The thread's "origin", or, as under ipykernel, the "latest" cell."""

    cell = "origin"

    @classmethod
    def choose(cls, cell: "str") -> None:
        """Sets it for all threads, running ones included. ValueError: neither of the two."""
        if cell not in ("origin", "latest"):
            raise ValueError(f"a thread's output goes to 'origin' or 'latest', not to {cell!r}")
        cls.cell = cell
        _carme.write_to_running_cell(cell == "latest")
