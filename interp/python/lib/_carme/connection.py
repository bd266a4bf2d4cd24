"""The file from which clients know how to connect to this kernel.

Source: jupyter_client's documentation, "Connection files"; jupyter_core's, "Common directories".
"""

import os


def file() -> str:
    """Its path, from the kernel's own command line. RuntimeError: it can not be told."""
    with open("/proc/self/cmdline", "rb") as arguments:
        words = [os.fsdecode(word) for word in arguments.read().split(b"\0")]
    for option in ("-f", "--connection-file"):
        if option in words[:-1]:
            return str(words[words.index(option) + 1])
    raise RuntimeError("this kernel's connection file is not known")


def folder() -> str:
    """Where clients look for such files by themselves."""
    named = os.environ.get("JUPYTER_RUNTIME_DIR")
    data = os.environ.get("JUPYTER_DATA_DIR") or os.path.join(
        os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "jupyter"
    )
    return named or os.path.join(data, "runtime")
