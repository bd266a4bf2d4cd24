"""Completions of keyword arguments in the call around the cursor."""

from _carme.help import guarded_eval, object_kinds
from _carme.help.completion.matches import Match
from _carme.help.inspection import signatures
from _carme.syntax.cursor_context import CursorContext, primary_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def keyword_arguments(context: CursorContext, namespace: Mapping[str, Any]) -> list[Match]:
    """Return `name=` for each parameter that the call around the cursor does not have yet."""
    opening = context.call_opening()
    if opening is None or context.brackets[-1] != opening:
        return []
    if context.previous_text() not in ("(", ","):
        return []
    steps = primary_steps(context.tokens, opening)
    function = guarded_eval.evaluate_guarded(steps, namespace) if steps else object_kinds.MISSING
    found = None if function is object_kinds.MISSING else signatures.signature(function)
    if found is None:
        return []
    positional, given = _given(context, opening)
    names = []
    for index, parameter in enumerate(found.parameters.values()):
        keyword = parameter.kind == parameter.KEYWORD_ONLY or (
            parameter.kind == parameter.POSITIONAL_OR_KEYWORD and index >= positional
        )
        if keyword and parameter.name not in given:
            names.append(parameter.name)
    return [Match(name + "=", "param") for name in names if name.startswith(context.fragment)]


def _given(context: CursorContext, opening: int) -> tuple[int, set[str]]:
    """Return (number of positional arguments, names of keyword arguments) before the cursor."""
    positional = depth = 0
    given = set()
    named = False
    inside = context.tokens[opening + 1 :]
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
