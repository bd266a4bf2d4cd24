"""Completions of Python code from the live namespace.

No user code is called but ``__dir__``, ``keys`` and ``_ipython_key_completions_``, and those may
fail as they like.
"""

import time

from _carme.help import keys, lookup
from _carme.session.current import Current
from _carme.syntax.lexer import Place, chain, string_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from _carme.syntax.lexer import Token

    Namespace = Mapping[str, Any]

_BUDGET = 0.15  # seconds for all sources together
_MOST_CODE = 50_000  # characters before the cursor that are looked at
_KEYS = (str, bytes, int, float, bool)
_MOST_SIGNATURES = 200
# what is behind these magics is neither Python nor a path
_OTHER_MAGICS = frozenset(
    ("alias", "automagic", "colors", "conda", "config", "env", "gui", "history", "load_ext")
    + ("matplotlib", "pip", "precision", "reload_ext", "set_env", "unload_ext", "xmode")
)


class Match:
    """One completion: what to insert, what it is, its value and signature if they are known."""

    __slots__ = ("kind", "signature", "text", "value")

    def __init__(
        self, text: str, kind: str, value: Any = lookup.MISSING, signature: str = ""
    ) -> None:
        self.text = text
        self.kind = kind
        self.value = value
        self.signature = signature


class Answer:
    """Completions that replace the text from `start` to the cursor."""

    __slots__ = ("matches", "start")

    def __init__(self, start: int, matches: Iterable[Match] = ()) -> None:
        self.start = start
        self.matches = list(matches)


def complete(code: str, cursor: int, namespace: Namespace) -> dict[str, Any]:
    """Return the content of complete_reply for a cursor in code points (clamped to the code).

    Sources follow IPython: keyword arguments first, then names, those with underscores last.
    """
    deadline = time.monotonic() + _BUDGET
    cursor = min(max(cursor, 0), len(code))
    skipped = max(0, cursor - _MOST_CODE)
    try:
        answer = _answer(code[skipped:cursor], namespace, deadline)
    except KeyboardInterrupt:
        raise
    except BaseException:
        answer = Answer(cursor - skipped)
    start = answer.start + skipped
    return {
        "status": "ok",
        "matches": [match.text for match in answer.matches],
        "cursor_start": start,
        "cursor_end": cursor,
        "metadata": {"_jupyter_types_experimental": _types(answer, start, cursor, deadline)},
    }


def _answer(before: str, namespace: Namespace, deadline: float) -> Answer:
    from _carme.help import modules, paths

    files = paths.complete(before, namespace, deadline)
    if "\\" in before and not (files and files[1]):
        from _carme.help import symbols

        found = symbols.complete(before)
        if found is not None:
            return Answer(found[0], [Match(text, found[2]) for text in found[1]])
    if files is not None:
        return Answer(files[0], [Match(path, "path") for path in files[1]])
    place = Place(before)
    if place.comment:
        return Answer(place.start)
    if place.string is not None:
        return _in_string(place, place.string, namespace, deadline)
    statement = place.tokens[place.statement :]
    words = [text for _, text, _ in statement]
    if "".join(words[-2:]) in ("%", "%%", "=%") and len(words) <= 3 + (words[-1:] == ["="]):
        return _magic_names(words[-1] if words[0] != "%" else "".join(words), place)
    if words[:1] == ["%"] and len(words) > 1 and words[1] in _OTHER_MAGICS:
        return Answer(place.start)
    target = modules.import_target(statement)
    if target is not None:
        return _import_names(target, place, before, deadline)
    if place.previous() == ".":
        return Answer(
            place.start, _attributes(place, namespace) or _inferred(before, namespace, deadline)
        )
    if place.fragment[:1].isdigit() and place.previous() != "[":
        return Answer(place.start)
    if place.previous() in ("[", ",", "(") and keys.is_subscript(place):
        return Answer(place.start, _subscript(place, namespace))
    matches = [*_arguments(place, namespace), *_names(place, namespace)]
    magics = _magic_names("", place).matches if not statement and place.fragment else []
    if magics and not any(match.text.startswith(place.fragment) for match in matches):
        return Answer(place.start, magics)
    return Answer(place.start, [*matches, *magics])


def _magic_names(sign: str, place: Place) -> Answer:
    """The magics that may be meant: `%ti` is the beginning of `%time` and of `%%time`."""
    known = Current.shell.magic_names()
    found = ["%" + name for name in known["line"] if sign != "%%"]
    found += ["%%" + name for name in known["cell"]]
    begun = [each for each in found if each.lstrip("%").startswith(place.fragment)]
    return Answer(place.start - len(sign), [Match(each, "magic") for each in begun])


def _types(answer: Answer, start: int, cursor: int, deadline: float) -> list[dict[str, Any]]:
    return [
        {
            "start": start,
            "end": cursor,
            "text": match.text,
            "type": match.kind,
            "signature": _signature(match)
            if index < _MOST_SIGNATURES and time.monotonic() < deadline
            else match.signature,
        }
        for index, match in enumerate(answer.matches)
    ]


def _signature(match: Match) -> str:
    if not lookup.is_function(match.value):
        return match.signature
    parameters = _parameters(match.value)
    return "" if parameters is None else str(parameters)


def _parameters(function: Any) -> Any:
    """Return the inspect.Signature of a callable, or None."""
    if lookup.caution.on:
        from _carme.help import glimpse

        return glimpse.signature(function)
    import inspect
    import sys

    try:
        if sys.version_info >= (3, 14):
            from annotationlib import Format

            return inspect.signature(function, annotation_format=Format.STRING)
        return inspect.signature(function)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _order(name: str) -> tuple[int, str]:
    return len(name) - len(name.lstrip("_")), name.lower()


def _select(names: Iterable[str], fragment: str) -> list[str]:
    """Return the names that begin with `fragment` (in any case if none does in this one)."""
    private = fragment.startswith("_")
    visible = sorted({name for name in names if private or not name.startswith("_")}, key=_order)
    exact = [name for name in visible if name.startswith(fragment)]
    if exact:
        return exact
    lower = fragment.lower()
    return [name for name in visible if name.lower().startswith(lower)]


def _names(place: Place, namespace: Namespace) -> Iterator[Match]:
    import builtins
    import keyword

    from _carme.help import bound

    here = bound.names(place)
    words = {*keyword.kwlist, *getattr(keyword, "softkwlist", ())}
    names = {name for name in list(namespace) if type(name) is str}
    for name in _select({*words, *names, *here, *vars(builtins)}, place.fragment):
        value = lookup.named(name, namespace)
        if name in here and name not in names:
            yield Match(name, here[name])
        elif value is lookup.MISSING or (name in words and name not in names):
            yield Match(name, "keyword")
        else:
            yield Match(name, lookup.kind_of(value), value)


def _attributes(place: Place, namespace: Namespace) -> list[Match]:
    steps = chain(place.tokens, len(place.tokens) - 1)
    value = lookup.resolve(steps, namespace) if steps else lookup.MISSING
    if value is lookup.MISSING or lookup.kind_of(value) == "property":
        return []
    matches = []
    for name in _select(lookup.names_of(value), place.fragment):
        found = lookup.described(value, name)
        kind = "instance" if found is lookup.MISSING else lookup.kind_of(found)
        matches.append(Match(name, kind, found))
    return matches


def _inferred(before: str, namespace: Namespace, deadline: float) -> list[Match]:
    """What no live object tells: jedi's answer, if there is one in time."""
    if lookup.caution.on:
        return []
    from _carme.help import inference

    found = inference.infer(before, namespace, deadline)
    return [Match(name, kind, signature=signature) for name, kind, signature in found]


def _subscript(place: Place, namespace: Namespace) -> list[Match]:
    """Return the keys that may be written here, and names unless a key or number is begun."""
    found = [each for each in keys.keys(place, namespace) if type(each) in _KEYS]
    matches = [Match(text, "dict key") for text in map(repr, found)]
    matches = [match for match in matches if match.text.startswith(place.fragment)]
    if place.fragment[:1].isdigit() or (matches and not place.fragment):
        return matches
    return [*matches, *_names(place, namespace)]


def _import_names(target: tuple[str, str], place: Place, before: str, deadline: float) -> Answer:
    """Return what may be imported; a submodule with the names of its packages before it."""
    from _carme.help import modules

    what, module = target
    if what == "module":
        names = modules.submodules(module, deadline) if module else modules.top_level(deadline)
        begun = module + "." if module and not module.startswith(".") else ""
        start = place.start - len(begun)
        if before[start : place.start] != begun:
            start, begun = place.start, ""
        found = [Match(begun + name, "module") for name in _select(names, place.fragment)]
        return Answer(start, found)
    matches = []
    for name in _select(modules.members(module, deadline), place.fragment):
        value = lookup.resolve([("value", modules.loaded(module)), ("attribute", name)], {})
        kind = "module" if value is lookup.MISSING else lookup.kind_of(value)
        matches.append(Match(name, kind, value))
    return Answer(place.start, matches)


def _arguments(place: Place, namespace: Namespace) -> list[Match]:
    """Return `name=` for the parameters that the call around the cursor may still be given."""
    opening = place.call()
    if opening is None or place.previous() not in ("(", ",") or place.brackets[-1] != opening:
        return []
    steps = chain(place.tokens, opening)
    function = lookup.resolve(steps, namespace) if steps else lookup.MISSING
    parameters = None if function is lookup.MISSING else _parameters(function)
    if parameters is None:
        return []
    positional, given = _given(place, opening)
    names = []
    for index, parameter in enumerate(parameters.parameters.values()):
        keyword = parameter.kind == parameter.KEYWORD_ONLY or (
            parameter.kind == parameter.POSITIONAL_OR_KEYWORD and index >= positional
        )
        if keyword and parameter.name not in given:
            names.append(parameter.name)
    return [Match(name + "=", "param") for name in names if name.startswith(place.fragment)]


def _given(place: Place, opening: int) -> tuple[int, set[str]]:
    """Return (number of positional arguments, names of keyword arguments) before the cursor."""
    positional = depth = 0
    given = set()
    named = False
    inside = place.tokens[opening + 1 :]
    for index, (kind, text, _) in enumerate(inside):
        depth += (kind == "open") - (kind == "close")
        if depth or kind == "close":
            continue
        if text == "=" and index and inside[index - 1][0] == "name":
            given.add(inside[index - 1][1])
            named = True
        elif text == ",":
            positional += not named
            named = False
    return positional, given


def _in_string(place: Place, string: Token, namespace: Namespace, deadline: float) -> Answer:
    _, text, offset = string
    prefix, quote, content, _ = string_parts(text)
    start = offset + len(text) - len(content)
    if "f" in prefix:
        inner = _replacement_field(content)
        if inner is not None:
            answer = _answer(inner, namespace, deadline)
            answer.start += start + len(content) - len(inner)
            return answer
    if place.previous() in ("[", ",", "("):
        wanted = bytes if "b" in prefix else str
        found = [_quoted(key, quote) for key in keys.keys(place, namespace) if type(key) is wanted]
        matches = [Match(key, "dict key") for key in found if key.startswith(content)]
        if matches:
            return Answer(start, matches)
    if len(quote) == 3 and "/" not in content:
        return Answer(start)
    from _carme.help import paths

    return Answer(start, [Match(path, "path") for path in paths.quoted(content, quote, deadline)])


def _replacement_field(content: str) -> str | None:
    """Return the code in the f-string's replacement field that is not closed, or None."""
    plain = content.replace("{{", "  ").replace("}}", "  ")
    opening = plain.rfind("{")
    if opening < 0 or "}" in plain[opening:]:
        return None
    return content[opening + 1 :]


def _quoted(key: Any, quote: str) -> str:
    """Return `key` as it is written inside a literal with these quotes."""
    text = repr(key)
    if isinstance(key, bytes):
        text = text[1:]
    inner = text[1:-1]
    return inner.replace(quote, "\\" + quote) if text[0] != quote[0] else inner
