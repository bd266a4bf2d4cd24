"""Other interpreters of this process: each of their lines leaves when it is whole.

They write to descriptors 1 and 2; to Python that is no terminal, so that lines would wait for the
interpreter's end. Loaded with the module _interpreters. Source: PEP 734.
"""

import sys
from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BY_LINE = "import sys\nsys.stdout.reconfigure(line_buffering=True)\n"


def install() -> None:
    """Those that are made from here on."""
    module: Any = sys.modules["_interpreters"]
    original = module.create

    @wraps(original)
    def create(*args: Any, **options: Any) -> Any:
        made = original(*args, **options)
        module.exec(made, BY_LINE)
        return made

    module.create = create
