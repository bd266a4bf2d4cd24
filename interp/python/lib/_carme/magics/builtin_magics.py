"""The magics of this package, and the modules that define them, imported at their first call.

Source: IPython's documentation, "Built-in magic commands".
"""

from _carme.magics.table import Entry, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Tuple

# by module: the names of its line magics, of its cell magics, and of those that are both;
# `name=function` if the function has another name
MODULES: Dict[str, Tuple[str, str, str]] = {
    "settings.basic": (
        "lsmagic pinfo pinfo2 psearch config precision automagic colors",
        "",
        "",
    ),
    "cells.autoawait": ("autoawait", "", "background"),
    "cells.capture": ("", "capture", ""),
    "settings.client": (
        "autosave clear connect_info less=paged more=paged man qtconsole subshell",
        "",
        "",
    ),
    "system.commands": ("sc", "", "sx system=sx"),
    "cells.debugging": ("debug pdb tb xmode", "", ""),
    "settings.extensions": ("load_ext reload_ext unload_ext autoreload aimport", "", ""),
    "cells.files": ("load save pycat", "writefile file=writefile", ""),
    "system.packages": ("pip conda mamba=conda micromamba=conda uv", "", ""),
    "cells.history": ("history hist=history recall rep=recall rerun macro", "", ""),
    "system.directories": (
        "cd pwd pushd popd dirs dhist env set_env ls=list_directory ll=list_directory "
        "mkdir=command rmdir=command "
        "cp=command mv=command rm=command cat=command",
        "",
        "",
    ),
    "settings.plotting": ("matplotlib pylab gui", "", ""),
    "cells.rich_output": ("", "html javascript js=javascript latex markdown svg", ""),
    "cells.run": ("run", "", ""),
    "system.scripts": (
        "killbgscripts",
        "script python python3=python bash=named sh=named perl=named ruby=named pypy=named",
        "",
    ),
    "cells.profiling": ("", "", "prun"),
    "cells.timing": ("", "", "time timeit"),
    "settings.variables": ("who who_ls whos reset reset_selective xdel", "", ""),
}


def register_all() -> None:
    """Adds them to the table; magics already there stay. Called before the table is read."""
    for module, (line, cell, both) in MODULES.items():
        for kind, words in (("line", line), ("cell", cell), ("line", both), ("cell", both)):
            for word in words.split():
                name, _, function = word.partition("=")
                kinds[kind].setdefault(name, Entry("_carme.magics." + module, function or name))
