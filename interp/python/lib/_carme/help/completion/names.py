"""Completions of names and of attributes of live objects."""

from _carme.help import guarded_eval, object_kinds
from _carme.help.completion.matches import Match, names_beginning_with
from _carme.syntax.cursor_context import CursorContext, primary_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Namespace = Mapping[str, Any]


def names(context: CursorContext, namespace: Namespace) -> Iterator[Match]:
    """Yield names of the namespace, builtins, keywords, and names that the code binds."""
    import builtins
    import keyword

    from _carme.help.completion import bindings

    bound = bindings.names(context)
    words = {*keyword.kwlist, *getattr(keyword, "softkwlist", ())}
    known = {name for name in list(namespace) if type(name) is str}
    for name in names_beginning_with({*words, *known, *bound, *vars(builtins)}, context.fragment):
        value = guarded_eval.global_value(name, namespace)
        if name in bound and name not in known:
            yield Match(name, bound[name])
        elif value is object_kinds.MISSING or (name in words and name not in known):
            yield Match(name, "keyword")
        else:
            yield Match(name, object_kinds.kind_of(value), value)


def attributes(context: CursorContext, namespace: Namespace) -> list[Match]:
    """Return the attributes of the object before the dot."""
    steps = primary_steps(context.tokens, len(context.tokens) - 1)
    value = guarded_eval.evaluate_guarded(steps, namespace) if steps else object_kinds.MISSING
    if value is object_kinds.MISSING or object_kinds.kind_of(value) == "property":
        return []
    matches = []
    for name in names_beginning_with(guarded_eval.names_of(value), context.fragment):
        found = guarded_eval.static_attribute(value, name)
        kind = "instance" if found is object_kinds.MISSING else object_kinds.kind_of(found)
        matches.append(Match(name, kind, found))
    return matches
