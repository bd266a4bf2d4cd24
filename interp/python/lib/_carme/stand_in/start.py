"""The start with IPython installed: what libraries detect a notebook by, and the user's profile.

Source: IPython's documentation, "IPython options"; ipykernel's.
"""

import builtins
import sys
from posix import environ

from _carme.stand_in.installation import exists, find_package, profile_directories


def begin() -> None:
    """Called when the kernel is otherwise ready for cells."""
    place = "" if "IPython" in sys.modules else find_package()
    if place:
        from _carme.stand_in import lazy_package

        lazy_package.add_package(place)
        vars(builtins)["__IPYTHON__"] = True
        vars(sys).update(ps1="In : ", ps2="...: ", ps3="Out: ")
    if environ.get(b"PYTHONSTARTUP") or (place and any(map(exists, profile_directories()))):
        from _carme.stand_in import startup_files

        startup_files.run(bool(place))
