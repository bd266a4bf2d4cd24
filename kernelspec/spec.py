"""The verbs install, list and remove of the program `carme`.

The launcher starts the Python that a kernel is for, loads Carme's module into it, and the module
calls run(). So `sys.executable`, `sys.prefix` and `sys.version_info` are those of that Python.

Sources: jupyter_client's documentation, "Making kernels for Jupyter", section "Kernel specs";
jupyter_core's documentation, "Common directories and file locations".
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from typing import Any, Iterator, Mapping, NamedTuple

FINE, FAILED, USAGE = 0, 1, 2  # kernel/launch/exit_codes.h

# What jupyter_client.kernelspec accepts, without the names that a directory cannot have.
NAME = re.compile(r"(?!\.{1,2}$)[a-z0-9._-]+", re.IGNORECASE)


class Failure(Exception):
    """One line for the user, and the status with which the process ends."""

    def __init__(self, line: str, status: int = FAILED) -> None:
        """Keep both."""
        super().__init__(line)
        self.status = status


class Options(NamedTuple):
    """The words after a verb: every value of every option, and what is no option."""

    values: dict[str, list[str]]
    others: list[str]

    def last(self, name: str, default: str) -> str:
        """Return the last value given for the option `name`."""
        return self.values.get(name, [default])[-1]


class Kernel(NamedTuple):
    """A kernelspec on disk. `spec` is {} when its kernel.json cannot be read."""

    name: str
    directory: str
    spec: dict[str, Any]

    @property
    def python(self) -> str | None:
        """Return the Python that it is for; None when it is not Carme's."""
        metadata = self.spec.get("metadata")
        mark = metadata.get("carme") if isinstance(metadata, dict) else None
        python = mark.get("python") if isinstance(mark, dict) else None
        return python if isinstance(python, str) else None


def parse(args: list[str]) -> Options:
    """Read the launcher's words. It has checked the options: "--user", "--name=NAME"."""
    options = Options({}, [])
    for word in args:
        name, _, value = word.partition("=")
        if word.startswith("-"):
            options.values.setdefault(name, []).append(value)
        else:
            options.others.append(word)
    return options


def check_name(name: str) -> str:
    """Return the name as Jupyter keeps it, in lower case. Failure when it refuses it."""
    if not NAME.fullmatch(name):
        raise Failure(
            f"the name {name!r} is not one for Jupyter: use letters, digits, '.', '_' and '-'",
            USAGE,
        )
    return name.lower()


def user_data() -> str:
    """Return Jupyter's data directory of this user."""
    named = os.environ.get("JUPYTER_DATA_DIR")
    if named:
        return named
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Jupyter")
    share = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(share, "jupyter")


def env_first() -> bool:
    """Tell whether Jupyter looks into the environment before the user's directory."""
    said = os.environ.get("JUPYTER_PREFER_ENV_PATH")
    if said is not None:
        return said.lower() not in ("no", "n", "false", "off", "0", "0.0")
    return sys.prefix != sys.base_prefix


def search_path() -> list[str]:
    """Return the directories in which Jupyter looks for kernels, the first one first."""
    data = [entry for entry in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if entry]
    own = [user_data(), os.path.join(sys.prefix, "share", "jupyter")]
    data += reversed(own) if env_first() else own
    data += ["/usr/local/share/jupyter", "/usr/share/jupyter"]
    return [os.path.join(os.path.abspath(entry), "kernels") for entry in dict.fromkeys(data)]


def read_kernel(directory: str) -> Kernel | None:
    """Return the kernelspec in `directory`; None when it has no kernel.json."""
    path = os.path.join(directory, "kernel.json")
    if not os.path.isfile(path):
        return None
    try:
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
    except (OSError, ValueError, RecursionError):
        spec = {}
    name = os.path.basename(directory).lower()
    return Kernel(name, directory, spec if isinstance(spec, dict) else {})


def all_kernels() -> Iterator[Kernel]:
    """Yield every kernelspec that Jupyter would see, in the order in which it looks."""
    for place in search_path():
        try:
            entries = sorted(os.listdir(place))
        except OSError:
            continue
        for entry in entries:
            kernel = read_kernel(os.path.join(place, entry))
            if kernel is not None and NAME.fullmatch(entry):
                yield kernel


def environment() -> str:
    """Return the name of the environment that this Python is in; "" for a Python of its own.

    A venv's prompt, or its directory, or the project's whose .venv it is; a conda environment's.
    """
    directory, name = os.path.split(os.path.abspath(sys.prefix))
    if os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        return "base" if os.path.isdir(os.path.join(sys.prefix, "condabin")) else name
    if sys.prefix == sys.base_prefix:
        return ""
    if name in ("venv", ".venv", "env", ".env"):
        name = os.path.basename(directory)
    return prompt() or name


def prompt() -> str:
    """Return what `venv --prompt` has given this environment, "" for none."""
    try:
        with open(os.path.join(sys.prefix, "pyvenv.cfg"), encoding="utf-8") as file:
            pairs = [line.partition("=") for line in file]
    except (OSError, ValueError):
        return ""
    given = [value.strip() for key, _, value in pairs if key.strip().lower() == "prompt"]
    return given[-1].strip("'\"") if given else ""


def default_name() -> str:
    """Return a name of its own for each environment's kernel, such as Jupyter allows."""
    words = re.findall(r"[a-z0-9._-]+", environment(), re.IGNORECASE)
    return "-".join(["carme", *words])


def parse_env(pairs: list[str]) -> dict[str, str]:
    """Return the variables given as K=V."""
    env = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise Failure(f"--env wants NAME=VALUE, not {pair!r}", USAGE)
        env[key] = value
    return env


def destination(options: Options) -> str:
    """Return the directory that is to hold kernel.json."""
    places = [p for p in ("--user", "--sys-prefix", "--prefix", "--to") if p in options.values]
    if len(places) > 1:
        raise Failure(f"{places[0]} and {places[1]} are two places; give one", USAGE)
    name = check_name(options.last("--name", default_name()))
    if places == ["--to"]:
        return os.path.abspath(os.path.expanduser(options.last("--to", "")))
    if places == ["--sys-prefix"]:
        data = os.path.join(sys.prefix, "share", "jupyter")
    elif places == ["--prefix"]:
        data = os.path.join(os.path.expanduser(options.last("--prefix", "")), "share", "jupyter")
    else:
        data = user_data()
    return os.path.join(os.path.abspath(data), "kernels", name)


def fill(template: Any, values: Mapping[str, str]) -> Any:
    """Put the values into every string of the template, a JSON value."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), m.group()), template)


def make_spec(carme: str, template: bytes, options: Options) -> dict[str, Any]:
    """Return the contents of kernel.json."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    values = {"carme": carme, "python": sys.executable, "version": version}
    spec: dict[str, Any] = fill(json.loads(template), values)
    named = environment() if "--to" not in options.values else ""
    title = f"Python {version} ({named})" if named else spec["display_name"]
    spec["display_name"] = options.last("--display-name", title)
    env = parse_env(options.values.get("--env", []))
    if env:
        spec["env"] = env
    return spec


def check_free(directory: str) -> str | None:
    """Refuse to replace what is not Carme's: another kernel, somebody's directory.

    Return the Python of the kernel that is replaced; None: there is none.
    """
    if not os.path.lexists(directory):
        return None
    kernel = read_kernel(directory)
    if kernel is not None and kernel.python is not None:
        return kernel.python
    if os.path.isdir(directory) and not os.listdir(directory):
        return None
    raise Failure(f"{directory} exists and is not Carme's; choose another name or remove it")


def write(directory: str, files: Mapping[str, bytes]) -> None:
    """Make the directory with these files, whole or not at all. OSError."""
    parent = os.path.dirname(directory)
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".carme-", dir=parent) as holder:
        fresh = os.path.join(holder, "new")
        os.mkdir(fresh)
        for name, data in files.items():
            with open(os.path.join(fresh, name), "wb") as file:
                file.write(data)
        if os.path.lexists(directory):
            os.rename(directory, os.path.join(holder, "old"))
        os.rename(fresh, directory)


def install(carme: str, resources: Mapping[str, bytes], options: Options) -> None:
    """Write the kernelspec of this Python."""
    directory = destination(options)
    spec = make_spec(carme, resources["kernel.json"], options)
    text = json.dumps(spec, indent=1) + "\n"
    before = check_free(directory)
    try:
        write(directory, {**resources, "kernel.json": text.encode()})
    except OSError as error:
        raise Failure(f"cannot write {error.filename or directory}: {error.strerror}") from None
    print(f"{spec['display_name']}: {directory}")
    if before not in (None, sys.executable):
        print(f"This was the kernel of {before}; to keep both, install one with another --name.")


def show(_carme: str, _resources: Mapping[str, bytes], _options: Options) -> None:
    """Print name, directory, Python and display name of Carme's kernels."""
    rows = [
        (kernel.name, kernel.directory, kernel.python, str(kernel.spec.get("display_name", "")))
        for kernel in all_kernels()
        if kernel.python is not None
    ]
    if not rows:
        print("no kernel of Carme is installed; carme install installs one")
        return
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        missing = "" if os.access(row[2], os.X_OK) else "  (this Python is gone)"
        left = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        print(f"{left}  {row[3]}{missing}")


def remove(_carme: str, _resources: Mapping[str, bytes], options: Options) -> None:
    """Delete the kernelspec that Jupyter finds under a name, if it is Carme's."""
    if len(options.others) != 1:
        raise Failure("remove wants one NAME", USAGE)
    name = check_name(options.others[0])
    kernel = next((kernel for kernel in all_kernels() if kernel.name == name), None)
    if kernel is None:
        raise Failure(f"there is no kernel {name}; carme list lists those of Carme")
    if kernel.python is None:
        raise Failure(f"the kernel {name} in {kernel.directory} is not Carme's; it stays")
    try:
        if os.path.islink(kernel.directory):
            os.unlink(kernel.directory)
        else:
            shutil.rmtree(kernel.directory)
    except OSError as error:
        where = error.filename or kernel.directory
        raise Failure(f"cannot remove {where}: {error.strerror}") from None
    print(f"removed {kernel.directory}")


VERBS = {"install": install, "list": show, "remove": remove}


def run(carme: str, resources: Mapping[str, bytes], args: list[str]) -> int:
    """Do one verb and return the process's exit status.

    carme: the launcher's absolute path. resources: the kernelspec's files by name, kernel.json
    being a template. args: the verb and its words, options as "--name=VALUE".
    A failure is one line on stderr.
    """
    try:
        VERBS[args[0]](carme, resources, parse(args[1:]))
        sys.stdout.flush()
    except Failure as failure:
        line = str(failure).encode("utf-8", "backslashreplace").decode()
        print(f"carme: {args[0]}: {line}", file=sys.stderr)
        return failure.status
    return FINE
