"""The calls of magics that behave here as in IPython.

If IPython is installed, it runs all other calls. tests/wire/magics/test_magics_of_each_shell.py
compares each form with IPython 9.18.1.
Source: IPython's documentation, "Built-in magic commands"; ipykernel's, "Magics".
"""

import re

from _carme.errors.usage import UsageError
from _carme.magics import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, FrozenSet, Tuple, Union

    # letters of options as getopt's, names of long options, a pattern of the rest
    Form = Tuple[str, Tuple[str, ...], str]

ANYTHING = r"(?s).*"  # after the options
NOTHING = r""
WORDS = r"[^-](?s:.*)|"  # an option that the form does not have is no word
RANGES = r"\d+(-\d+)?(\s+\d+(-\d+)?)*|"
SETTINGS = (
    r"(InlineBackend\.(figure_formats?|print_figure_kwargs|close_figures|rc)"
    r"|(IP)?Completer\.use_jedi|Carme\.\w+)\s*=.+"
    r"|Carme(\.\w+)?"
)

# a pattern of the whole line, or a form; IPython runs names that are not here
LINE: Dict[str, Union[str, Form]] = {
    "aimport": ANYTHING,
    "autoawait": r"|on|off|true|false|0|1|asyncio|trio|curio",
    "automagic": ANYTHING,
    "autoreload": ANYTHING,
    "autosave": ANYTHING,
    "background": ANYTHING,
    "bash": ANYTHING,
    "clear": NOTHING,
    "config": SETTINGS,
    "connect_info": NOTHING,
    "dhist": NOTHING,
    "dirs": NOTHING,
    "env": ANYTHING,
    "hist": ("n", (), RANGES),
    "history": ("n", (), RANGES),
    "killbgscripts": NOTHING,
    "less": r".*(?<!\.py)",
    "load_ext": r"autoreload",
    "man": ANYTHING,
    "matplotlib": r"inline",
    "more": r".*(?<!\.py)",
    "pinfo": r"[^%*?\s][^*?]*",
    "pinfo2": r"[^%*?\s][^*?]*",
    "pip": ANYTHING,
    "popd": NOTHING,
    "precision": r"\d*|%\d*(\.\d+)?[feg]",
    "prun": ("l:s:rT:D:q", (), WORDS),
    "pushd": r"-|~.*|[^-\s].*|",
    "pwd": ANYTHING,
    "qtconsole": ANYTHING,
    "recall": r"\d+",
    "reload_ext": r"autoreload",
    "rep": r"\d+",
    "reset": ("fs", (), NOTHING),
    "run": ("inetmGN:", (), WORDS),
    "sc": ("lv", (), ANYTHING),
    "set_env": ANYTHING,
    "subshell": ANYTHING,
    "sx": WORDS,
    "system": WORDS,
    "tb": r"(?i)|plain|context|minimal|doctest",
    "time": r"(--no-raise-error\s+)?" + WORDS,
    "timeit": ("n:r:p:qoctv:", (), WORDS),
    "who": ANYTHING,
    "who_ls": ANYTHING,
    "xdel": ("n", (), r"\w+"),
    "cd": ("q", (), r"-|~.*|[^-\s].*|"),
    **dict.fromkeys(["ls", "ll", "mkdir", "rmdir", "cp", "mv", "rm", "cat"], ANYTHING),
}
CELL: Dict[str, Union[str, Form]] = {
    "background": ANYTHING,
    "capture": ANYTHING,
    "file": ANYTHING,
    "html": r"|--isolated",
    "prun": ("l:s:rT:D:q", (), WORDS),
    "sx": ANYTHING,
    "system": ANYTHING,
    "time": r"|--no-raise-error",
    "timeit": ("n:r:p:qoctv:", (), WORDS),
    "writefile": ANYTHING,
    **dict.fromkeys(["javascript", "js", "latex", "markdown", "svg"], ANYTHING),
    **dict.fromkeys(
        ["bash", "sh", "script", "perl", "ruby", "pypy", "python", "python3"], ANYTHING
    ),
}
FORMS = {"line": LINE, "cell": CELL}

# magics of IPython and ipykernel that this package does not have
IPYTHONS_LINE = """
    alias alias_magic autocall bookmark code_wrap doctest_mode ed edit gui ldir
    lf lk loadpy logoff logon logstart logstate logstop lx magic notebook page pastebin pdef pdoc
    pfile pprint psource quickref rehashx store unalias
"""
IPYTHONS_CELL = "! HTML SVG code_wrap python2"
IPYTHONS: Dict[str, FrozenSet[str]] = {
    "line": frozenset(IPYTHONS_LINE.split()),
    "cell": frozenset(IPYTHONS_CELL.split()),
}


def covers(kind: str, name: str, line: str) -> bool:
    """Whether the call `%name line` behaves here as in IPython."""
    form = FORMS[kind].get(name)
    if form is None:
        return False
    if isinstance(form, str):
        return re.fullmatch(form, line.strip()) is not None
    letters, long, pattern = form
    try:
        _, rest = options.take(line, letters, long)
    except UsageError:
        return False
    return re.fullmatch(pattern, rest) is not None
