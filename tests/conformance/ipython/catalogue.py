"""Which of IPython's tests are run, in which situations, and what is known of those that differ."""

from __future__ import annotations

from pathlib import Path

from conformance.table import listed
from conformance.table.listed import Listed

VERSION = "9.18.1"
NAMES = (
    "async_helpers autoreload capture completer debug_magic display displayhook extension history "
    "inputtransformer2 inputtransformer2_line interactiveshell iplib magic magic_terminal "
    "magics_code magics_packaging magics_pylab oinspect page run storemagic ultratb"
)
FILES = tuple(f"test_{name}.py" for name in NAMES.split())
# what each kernel runs before the tests' cells: nothing, or what makes IPython's shell take over
SITUATIONS = {"alone": "", "taken over": "import IPython"}
HERE = Path(__file__).parent


def differing(situation: str) -> tuple[Listed, ...]:
    """The tests that Carme alone does not pass, each with its reason."""
    return listed.read(HERE / f"{situation.replace(' ', '_')}.txt", ("differs",))


def portable() -> set[str]:
    """The tests that pass under ipykernel: those that need no more than a kernel."""
    return set((HERE / "portable.txt").read_text().split("\n")) - {""}
