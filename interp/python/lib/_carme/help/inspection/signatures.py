"""Signatures of callables, and the text of one as `?` shows it.

Source: inspect.signature; IPython's documentation, IPython.core.oinspect.
"""

from _carme.help import guarded_eval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST_LINE = 75  # characters; a longer signature has a line for each parameter


def signature(function: Any) -> Any:
    """Return the inspect.Signature of a callable, its annotations as source, or None.

    In strict mode, a static_signatures.Signature.
    """
    if guarded_eval.strict_mode.on:
        from _carme.help.inspection import static_signatures

        return static_signatures.signature(function)
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


def call_text(name: str, function: Any) -> str | None:
    """Return the coloured text `name(parameters) -> annotation`, or None without a signature."""
    found = signature(function)
    try:
        return None if found is None else _layout(name, found)
    except KeyboardInterrupt:
        raise
    except BaseException:  # of a default's repr
        return None


def _layout(name: str, found: Any) -> str:
    from _carme.syntax.highlight import colour_code

    parts = _parameters(found)
    result = "" if found.return_annotation is found.empty else str(found).rpartition(") -> ")[2]
    if len(name) + sum(len(part) + 2 for part in parts) > _LONGEST_LINE:
        inside = "\n" + "".join(f"    {part},\n" for part in parts)
    else:
        inside = ", ".join(parts)
    return colour_code(f"{name}({inside})" + (f" -> {result}" if result else ""))


def _parameters(signature: Any) -> list[str]:
    """Return the parameters as source, "/" and "*" among them."""
    parts = []
    starred = False
    before = None
    for parameter in signature.parameters.values():
        if before == parameter.POSITIONAL_ONLY != parameter.kind:
            parts.append("/")
        if parameter.kind == parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or parameter.kind in (parameter.VAR_POSITIONAL, parameter.KEYWORD_ONLY)
        parts.append(str(parameter))
        before = parameter.kind
    if parts and before == parameter.POSITIONAL_ONLY:
        parts.append("/")
    return parts
