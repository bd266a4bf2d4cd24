"""Which functions and classes of the Python half have help that users of a browser ask for.

They reach these by `name?`, Shift+Tab and help(): the rest keeps no docstrings there.
"""

import ast
from fnmatch import fnmatchcase
from typing import Callable, FrozenSet, Mapping

# modules, and the names in them; both as patterns of shells
NAMES: Mapping[str, str] = {
    "browser.event_loop": "run_main",
    "browser.unsupported": "no_thread no_process no_socket",
    "display.display_functions": "*",
    "display.formatters": "DisplayFormatter",
    "display.objects.*": "[A-Z]*",
    "ipython.interactive_shell": "Exit",
    "magics.*": "[A-Z]*",
    "output.streams": "input InputStream",
    "run.execution": "displayhook",
    "session.current": "get_ipython",
    "session.initial_names": "Exit",
    "shell.entry_points": "clear_output display",
    "stand_in.events": "Events",
    "stand_in.interactive_shell": "Kernel Session ZMQInteractiveShell",
    "stand_in.ipython_paths": "*",
    "stand_in.modules": "Loader",
}
CALLED = frozenset(("__init__", "__call__"))  # help shows their docstrings, too


def magic_functions(table: bytes) -> FrozenSet[str]:
    """The functions that MODULES of magics/builtin_magics.py names, as "module:function"."""
    for node in ast.parse(table).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "MODULES":
            assert node.value is not None
            families = ast.literal_eval(node.value)
            return frozenset(
                f"magics.{module}:{word.rpartition('=')[2]}"
                for module, words in families.items()
                for word in " ".join(words).split()
            )
    raise ValueError("no MODULES: where are the magics?")


def help_of(module: str, magics: FrozenSet[str]) -> Callable[[str], bool]:
    """Return what tells whether there is help of a name in this module, by its qualified name."""
    patterns = " ".join(names for key, names in NAMES.items() if fnmatchcase(module, key)).split()

    def has_help(name: str) -> bool:
        first, *members = name.split(".")
        if any(each.startswith(("_", "<")) and each not in CALLED for each in (first, *members)):
            return False
        is_magic = f"{module}:{name}" in magics
        return is_magic or any(fnmatchcase(first, pattern) for pattern in patterns)

    return has_help
