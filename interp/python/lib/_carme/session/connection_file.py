"""The kernel's connection file: what clients connect by.

Source: jupyter_client's documentation, "Connection files"; jupyter_core's, "Common directories".
"""

import os

FILE_AFTER_CODE = 5  # index in a command line that starts with `python -c`


def path() -> str:
    """Return its path, read from the kernel's command line. RuntimeError: it is not there.

    A statically linked Python is started with -c and gets it after the module and the program:
    see kernel/launch/start.c.
    """
    with open("/proc/self/cmdline", "rb") as arguments:
        words = [os.fsdecode(word) for word in arguments.read().split(b"\0")]
    for option in ("-f", "--connection-file"):
        if option in words[:-1]:
            return str(words[words.index(option) + 1])
    if words[1:2] == ["-c"] and len(words) > FILE_AFTER_CODE:
        return words[FILE_AFTER_CODE]
    raise RuntimeError("this kernel's connection file is not known")


def runtime_dir() -> str:
    """Return Jupyter's runtime directory, where clients look for connection files."""
    named = os.environ.get("JUPYTER_RUNTIME_DIR")
    data = os.environ.get("JUPYTER_DATA_DIR") or os.path.join(
        os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "jupyter"
    )
    return named or os.path.join(data, "runtime")
