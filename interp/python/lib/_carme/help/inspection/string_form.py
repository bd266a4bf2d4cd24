"""The string form of an object, within a bounded time and length also for large containers."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST = 200  # characters, unless detail is asked for
_MOST_ITEMS = 100_000  # of a container, nested ones included, whose str() is called
_SHOWN_ITEMS = 60  # of any larger one: more than _LONGEST characters show


def string_form(value: Any, detail: int) -> str | None:
    """Return str(value), shortened without `detail`, or None if it raises."""
    try:
        text = _text_of(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    if detail or len(text) <= _LONGEST:
        return text
    half = (_LONGEST - 5) // 2
    text = text[:half] + " <...> " + text[-half:]
    return "\n           ".join(line.strip() for line in text.split("\n"))


def _text_of(value: Any) -> str:
    if type(value) in (bytes, bytearray) and len(value) > _MOST_ITEMS:
        return repr(value[:_MOST_ITEMS])
    if _count(value, 0) <= _MOST_ITEMS:
        return str(value)
    from _carme.display.pretty import Printer

    printer = Printer(max_width=1 << 30, max_seq_length=_SHOWN_ITEMS)
    printer.pretty(value)
    printer.flush()
    return printer.value()


def _count(value: Any, counted: int) -> int:
    """Return `counted` and the items in builtin containers; stops counting at _MOST_ITEMS."""
    if type(value) not in (list, tuple, dict, set, frozenset):
        return counted + 1
    counted += len(value)
    for item in value.values() if type(value) is dict else value:
        if counted > _MOST_ITEMS:
            break
        counted = _count(item, counted)
    return counted
