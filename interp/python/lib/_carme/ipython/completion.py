"""Completion and inspection by IPython, if the user has added completers, matchers or hooks to it.

Source: IPython's documentation, IPython.core.completer and oinspect; Messaging in Jupyter.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional

COMPLETERLIB = "IPython.core.completerlib"
JEDI_SETTINGS = frozenset(("use_jedi", "jedi_compute_type_timeout"))
TYPES = "_jupyter_types_experimental"


def complete(shell: Any, code: str, cursor: int) -> Optional[Dict[str, Any]]:
    """The content of complete_reply; None: IPython's is not customized, or raises."""
    if not is_customized(shell.Completer):
        return None
    from IPython.core.completer import provisionalcompleter, rectify_completions

    try:
        with provisionalcompleter():
            raw = shell.Completer.completions(code, cursor)
            found = list(rectify_completions(code, raw))
    except Exception:
        return None
    start, end = (found[0].start, found[0].end) if found else (cursor, cursor)
    types = [
        {
            "start": each.start,
            "end": each.end,
            "text": each.text,
            "type": each.type,
            "signature": each.signature,
        }
        for each in found
    ]
    return {
        "status": "ok",
        "matches": [each.text for each in found],
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {TYPES: types},
    }


def is_customized(completer: Any) -> bool:
    """Whether IPython's completer was extended or configured."""
    if completer.custom_matchers:
        return True
    for section in ("Completer", "IPCompleter"):
        if set(completer.config.get(section, ())) - JEDI_SETTINGS:
            return True
    return any(each.__module__ != COMPLETERLIB for each in completers(completer.custom_completers))


def completers(dispatch: Any) -> Iterator[Any]:
    """The functions that complete the arguments of commands."""
    for chain in (*dispatch.strs.values(), *dispatch.regexs.values()):
        for _, function in chain:
            yield function


def inspect(shell: Any, code: str, cursor: int, detail: int) -> Optional[Dict[str, Any]]:
    """The content of inspect_reply; None: IPython's is not customized, or raises."""
    if not (shell.inspector.mime_hooks or shell.sphinxify_docstring):
        return None
    from IPython.utils.tokenutil import token_at_cursor

    try:
        data = shell.object_inspect_mime(token_at_cursor(code, cursor), detail_level=detail)
    except KeyError:
        return {"status": "ok", "found": False, "data": {}, "metadata": {}}
    except Exception:
        return None
    if not shell.enable_html_pager:
        data.pop("text/html", None)
    return {"status": "ok", "found": True, "data": data, "metadata": {}}
