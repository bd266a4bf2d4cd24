"""The object that an inspect_request asks about: the name at the cursor, or the function around it.

Source: "Messaging in Jupyter", "Introspection".
"""

from _carme.help import guarded_eval, object_kinds
from _carme.syntax.cursor_context import CursorContext, opening_of, primary_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from _carme.syntax.cursor_context import Step
    from _carme.syntax.lexer import Token

    Namespace = Mapping[str, Any]

_MOST_CODE = 50_000  # characters before the cursor that are read


def find(
    code: str, cursor: int, namespace: Namespace, is_name: bool = False
) -> tuple[list[Step], Any]:
    """Return the steps and the value of the name at the cursor, or of the function around it.

    The steps are empty if neither has a value. `is_name`: see inspector.inspect().
    """
    end = cursor
    while end < len(code) and (code[end] == "_" or code[end].isalnum()):
        end += 1
    context = CursorContext(code[max(0, end - _MOST_CODE) : end])
    if context.is_comment:
        return [], None
    candidates = []
    if context.fragment or is_name:
        last: list[Token] = [("name", context.fragment, context.start)] if context.fragment else []
        found = [*context.tokens, *last]
        candidates.append(primary_steps(found, len(found)))
    elif context.previous_text() == "]":
        bracket = opening_of(context.tokens, len(context.tokens) - 1)
        candidates.append(primary_steps(context.tokens, bracket))
    opening = context.call_opening()
    if opening is not None and not is_name:
        candidates.append(primary_steps(context.tokens, opening))
    is_strict = guarded_eval.strict_mode.on
    evaluate = guarded_eval.evaluate_guarded if is_strict else guarded_eval.evaluate
    for steps in candidates:
        value = evaluate(steps, namespace) if steps else object_kinds.MISSING
        if steps and value is not object_kinds.MISSING:
            return steps, value
        if is_name and steps and custom_documentation(steps, namespace) is not None:
            return steps, None
    return [], None


def custom_documentation(steps: list[Step], namespace: Namespace) -> dict[str, str] | None:
    """Return what the last attribute's object has as __custom_documentations__, or None."""
    if len(steps) < 2 or steps[-1][0] != "attribute" or guarded_eval.strict_mode.on:
        return None
    parent = guarded_eval.evaluate(steps[:-1], namespace)
    if parent is object_kinds.MISSING:
        return None
    found = getattr(parent, "__custom_documentations__", None)
    return found if isinstance(found, dict) else None


def source_of(steps: list[Step]) -> str:
    """Return the steps as source code: `a.b[0]`."""
    form = {"name": "{}", "value": "{!r}", "attribute": ".{}", "item": "[{!r}]"}
    return "".join(form[kind].format(what) for kind, what in steps)
