"""Completions of paths: in strings, in shell commands, after magics that take paths.

Source: IPython's documentation, IPython.core.completer, file_matcher, and completerlib.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Found = tuple[int, list[str]]  # offset of the text to replace, its replacements

_MOST = 500
_FILES = "cat cp ldir less lf lk ll load ls lx man mkdir more mv pycat rm rmdir save writefile file"
# magics whose argument is a path, with the suffixes that it may have
_MAGICS = {
    "cd": ("/",),
    "run": ("/", ".py", ".ipy", ".ipynb"),
    **dict.fromkeys(_FILES.split(), ("",)),
}
_COMMAND = re.compile(r"\s*(?:[\w.,\s]+=\s*)?!(?P<rest>.*)")
_MAGIC = re.compile(r"\s*(?:[\w.,\s]+=\s*)?(?P<sign>%{0,2})(?P<name>\w+)\s+(?P<rest>.*)")
_AT_START = re.compile(r"\s*(?P<rest>(?:\.{0,2}|~)/(?:\\.|[^\s'\"\\])*)")
_LAST_WORD = re.compile(r"(?:\\.|[^\s\\])*\Z")
_SPECIAL = re.compile(r"([ ()\[\]{}?=\\|;:'#*\"^&])")
_OPERATORS = "=+-*/%&|^<>.,([:"


def complete(before: str, namespace: Mapping[str, Any], deadline: float) -> Found | None:
    """Return the paths that fit at the end of `before`; None if that is Python code."""
    start = before.rfind("\n") + 1
    line = before[start:]
    found = _COMMAND.fullmatch(line) or _AT_START.fullmatch(line)
    kinds: tuple[str, ...] = ("",)
    if found is None:
        found = _MAGIC.fullmatch(line)
        if found is None or found["name"] not in _MAGICS:
            return None
        if not found["sign"] and (
            found["name"] in namespace or found["rest"][:1] in tuple(_OPERATORS)
        ):
            return None
        kinds = _MAGICS[found["name"]]
    rest = found["rest"]
    if rest.count('"') % 2 or rest.count("'") % 2:
        return None
    word = _LAST_WORD.search(rest)
    text = word.group() if word else ""
    names = matching(re.sub(r"\\(.)", r"\1", text), deadline)
    names = [_SPECIAL.sub(r"\\\1", name) for name in names if name.endswith(kinds)]
    return len(before) - len(text), names


def quoted(content: str, quote: str, deadline: float) -> list[str]:
    """Return the paths that begin with `content`, escaped for a string with these quotes."""
    escaped = "\\" + quote
    found = matching(content.replace(escaped, quote), deadline)
    return [path.replace(quote, escaped) for path in found]


def matching(content: str, deadline: float) -> list[str]:
    """Return the paths that begin with `content`; a directory ends in a slash."""
    import os
    import time

    if "\n" in content or "\0" in content:
        return []
    directory, _, fragment = content.rpartition("/")
    head = content[: len(content) - len(fragment)]
    where = os.path.expanduser(directory) or ("/" if head else ".")
    found: list[str] = []
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                if len(found) >= _MOST or time.monotonic() > deadline:
                    break
                hidden = entry.name.startswith(".") and not fragment.startswith(".")
                if entry.name.startswith(fragment) and not hidden:
                    found.append(head + entry.name + ("/" if entry.is_dir() else ""))
    except (OSError, ValueError):
        return []
    return sorted(found)
