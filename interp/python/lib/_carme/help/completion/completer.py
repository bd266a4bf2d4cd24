"""Completions of Python code from the live namespace: which source completes at a cursor.

The only user code that is called is ``__dir__``, ``keys`` and ``_ipython_key_completions_``; what
they raise is contained.
"""

import time

from _carme.help import guarded_eval
from _carme.help.completion import subscript_keys
from _carme.help.completion.call_arguments import keyword_arguments
from _carme.help.completion.matches import Completions, Match, types
from _carme.help.completion.names import attributes, names
from _carme.session.current import Current
from _carme.syntax.cursor_context import CursorContext
from _carme.syntax.lexer import string_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from _carme.syntax.lexer import Token

    Namespace = Mapping[str, Any]

_TIME_LIMIT = 0.15  # seconds for all sources together
_MOST_CODE = 50_000  # characters before the cursor that are read
_KEY_TYPES = (str, bytes, int, float, bool)
# magics whose arguments are neither Python nor a path
_OTHER_MAGICS = frozenset(
    ("alias", "automagic", "colors", "conda", "config", "env", "gui", "history", "load_ext")
    + ("matplotlib", "pip", "precision", "reload_ext", "set_env", "unload_ext", "xmode")
)


def complete(code: str, cursor: int, namespace: Namespace) -> dict[str, Any]:
    """Return the content of complete_reply; `cursor` in code points, limited to the code's length.

    The order is IPython's: keyword arguments, then names, those with underscores last.
    """
    deadline = time.monotonic() + _TIME_LIMIT
    cursor = min(max(cursor, 0), len(code))
    skipped = max(0, cursor - _MOST_CODE)
    try:
        found = _complete(code[skipped:cursor], namespace, deadline)
    except KeyboardInterrupt:
        raise
    except BaseException:
        found = Completions(cursor - skipped)
    start = found.start + skipped
    return {
        "status": "ok",
        "matches": [match.text for match in found.matches],
        "cursor_start": start,
        "cursor_end": cursor,
        "metadata": {"_jupyter_types_experimental": types(found, start, cursor, deadline)},
    }


def _complete(before: str, namespace: Namespace, deadline: float) -> Completions:
    from _carme.help.completion import import_names, paths

    files = paths.complete(before, namespace, deadline)
    if "\\" in before and not (files and files[1]):
        from _carme.help.completion import unicode_names

        found = unicode_names.complete(before)
        if found is not None:
            return Completions(found[0], [Match(text, found[2]) for text in found[1]])
    if files is not None:
        return Completions(files[0], [Match(path, "path") for path in files[1]])
    context = CursorContext(before)
    if context.is_comment:
        return Completions(context.start)
    if context.string is not None:
        return _in_string(context, context.string, namespace, deadline)
    statement = context.tokens[context.statement :]
    words = [text for _, text, _ in statement]
    if "".join(words[-2:]) in ("%", "%%", "=%") and len(words) <= 3 + (words[-1:] == ["="]):
        return _magic_names(words[-1] if words[0] != "%" else "".join(words), context)
    if words[:1] == ["%"] and len(words) > 1 and words[1] in _OTHER_MAGICS:
        return Completions(context.start)
    target = import_names.import_target(statement)
    if target is not None:
        return import_names.complete(target, context, before, deadline)
    if context.previous_text() == ".":
        return Completions(
            context.start, attributes(context, namespace) or _inferred(before, namespace, deadline)
        )
    if context.fragment[:1].isdigit() and context.previous_text() != "[":
        return Completions(context.start)
    if context.previous_text() in ("[", ",", "(") and subscript_keys.is_subscript(context):
        return Completions(context.start, _subscript(context, namespace))
    matches = [*keyword_arguments(context, namespace), *names(context, namespace)]
    magics = _magic_names("", context).matches if not statement and context.fragment else []
    if magics and not any(match.text.startswith(context.fragment) for match in matches):
        return Completions(context.start, magics)
    return Completions(context.start, [*matches, *magics])


def _magic_names(sign: str, context: CursorContext) -> Completions:
    """Return the magics that begin so: `%ti` is the beginning of `%time` and of `%%time`."""
    known = Current.shell.magic_names()
    found = ["%" + name for name in known["line"] if sign != "%%"]
    found += ["%%" + name for name in known["cell"]]
    matches = [
        Match(name, "magic") for name in found if name.lstrip("%").startswith(context.fragment)
    ]
    return Completions(context.start - len(sign), matches)


def _inferred(before: str, namespace: Namespace, deadline: float) -> list[Match]:
    """Return what jedi infers from the code alone, if it answers in time."""
    if guarded_eval.strict_mode.on:
        return []
    from _carme.help.completion import jedi_inference

    found = jedi_inference.infer(before, namespace, deadline)
    return [Match(name, kind, signature=signature) for name, kind, signature in found]


def _subscript(context: CursorContext, namespace: Namespace) -> list[Match]:
    """Return the keys that fit, and names unless a number or a key is being typed."""
    found = [each for each in subscript_keys.keys(context, namespace) if type(each) in _KEY_TYPES]
    matches = [Match(text, "dict key") for text in map(repr, found)]
    matches = [match for match in matches if match.text.startswith(context.fragment)]
    if context.fragment[:1].isdigit() or (matches and not context.fragment):
        return matches
    return [*matches, *names(context, namespace)]


def _in_string(
    context: CursorContext, string: Token, namespace: Namespace, deadline: float
) -> Completions:
    _, text, offset = string
    prefix, quote, content, _ = string_parts(text)
    start = offset + len(text) - len(content)
    if "f" in prefix:
        inner = _replacement_field(content)
        if inner is not None:
            nested = _complete(inner, namespace, deadline)
            nested.start += start + len(content) - len(inner)
            return nested
    if context.previous_text() in ("[", ",", "("):
        wanted = bytes if "b" in prefix else str
        keys = [key for key in subscript_keys.keys(context, namespace) if type(key) is wanted]
        found = [_quoted(key, quote) for key in keys]
        matches = [Match(key, "dict key") for key in found if key.startswith(content)]
        if matches:
            return Completions(start, matches)
    if len(quote) == 3 and "/" not in content:
        return Completions(start)
    from _carme.help.completion import paths

    found = paths.quoted(content, quote, deadline)
    return Completions(start, [Match(path, "path") for path in found])


def _replacement_field(content: str) -> str | None:
    """Return the code in the f-string's replacement field that is not closed, or None."""
    plain = content.replace("{{", "  ").replace("}}", "  ")
    opening = plain.rfind("{")
    if opening < 0 or "}" in plain[opening:]:
        return None
    return content[opening + 1 :]


def _quoted(key: Any, quote: str) -> str:
    """Return the key as the content of a string literal with these quotes."""
    text = repr(key)
    if isinstance(key, bytes):
        text = text[1:]
    inner = text[1:-1]
    return inner.replace(quote, "\\" + quote) if text[0] != quote[0] else inner
