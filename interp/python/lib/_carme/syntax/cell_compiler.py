"""Compiles cells: their syntax trees and code objects.

A cell that is not plain Python is transformed by _carme.syntax.notebook_syntax first.
Source: The Python Standard Library, compile() and linecache; IPython's documentation, "Input
transformation" and "Asynchronous in REPL: Autoawait".
"""

import builtins
import sys
from _ast import (
    AnnAssign,
    BinOp,
    Call,
    Compare,
    Expr,
    ImportFrom,
    Interactive,
    Name,
    Subscript,
)

from _carme.session.sources import set_source
from _carme.session.state import cells, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, List, Tuple

# from Include/cpython/compile.h; inspect.CO_COROUTINE
ONLY_AST = 0x400
TOP_LEVEL_AWAIT = 0x2000
COROUTINE = 0x80

# expressions whose first field is the expression that they begin with
LEFT_FIRST = frozenset({BinOp, Call, Compare, Subscript})


class Flags:
    """The flags of compile() for cells."""

    value = TOP_LEVEL_AWAIT  # and those of the __future__ imports so far


class WarningCapture:
    """Takes the place of sys.stderr, to which Python writes without the module `warnings`."""

    def __init__(self) -> None:
        """Without text."""
        self.text = ""

    def write(self, text: str) -> None:
        """Appends to the text."""
        self.text += text

    def pass_on(self, stream: Any) -> None:
        """Imports `warnings` if the text is a warning; writes any other text to the stream."""
        if "Warning: " in self.text:
            import warnings

            assert warnings
        elif self.text and stream is not None:
            stream.write(self.text)


def compiled(source: Any, name: str, mode: str, flags: int) -> Any:
    """As compile(). A SyntaxWarning is shown with its line, as only the module `warnings` does.

    Without that module the source is compiled once; if a warning is captured, it is compiled again
    with the module imported.

    Source: show_warning() of CPython's Python/_warnings.c.
    """
    if "warnings" not in sys.modules and len(sys._current_frames()) > 1:
        import warnings  # other threads must not write to the capture

        assert warnings
    if "warnings" in sys.modules:
        return compile(source, name, mode, flags, True)
    made, capture, stream = None, WarningCapture(), sys.stderr
    sys.stderr = capture
    try:
        made = compile(source, name, mode, flags, True)
    except SyntaxError:
        pass
    finally:
        sys.stderr = stream
    if made is None or capture.text:
        capture.pass_on(stream)
        made = compile(source, name, mode, flags, True)
    return made


def compile_cell(code: str, name: str, silent: bool) -> Tuple[List[CodeType], str]:
    """The cell's code objects and its text as Python; a last expression is displayed."""
    tree, text = parse_text(code, name)
    body = tree.body
    last = None
    if body and type(body[-1]) is Expr and not silent and not is_quiet(text):
        last = Interactive([body.pop()])
    pieces = compile_statements(tree, name)
    if last is not None:
        pieces.append(compiled(last, name, "single", Flags.value))
    return pieces, text


def compile_statements(tree: Any, name: str) -> List[CodeType]:
    """The code objects of a module; `from __future__` after other statements begins another."""
    body, pieces, begin = tree.body, [], 0
    for index, node in enumerate(body):
        if is_future(node):
            if index > begin and not is_future(body[index - 1]):
                tree.body, begin = body[begin:index], index
                pieces.append(compiled(tree, name, "exec", Flags.value))
            note_future(node)
    tree.body = body[begin:] if begin else body
    if tree.body:
        pieces.append(compiled(tree, name, "exec", Flags.value))
    return pieces


def is_quiet(code: str) -> bool:
    """Whether the cell's last token is a semicolon, which hides the value."""
    if ";" not in code:
        return False
    from _carme.syntax import notebook_syntax

    return notebook_syntax.last_token(code) == ";"


def awaits(pieces: List[CodeType]) -> bool:
    """Whether the cell has a top-level await."""
    return any(piece.co_flags & COROUTINE for piece in pieces)


def parse(code: str, name: str) -> Any:
    """The cell's syntax tree, also with IPython's syntax; `name` is its co_filename."""
    return parse_text(code, name)[0]


def parse_text(code: str, name: str) -> Tuple[Any, str]:
    """The cell's syntax tree, and its text as Python.

    Raises:
        SyntaxError: it is neither Python nor IPython's syntax.
    """
    try:
        tree: Any = compiled(code, name, "exec", Flags.value | ONLY_AST)
        if not tree.body or not may_be_notebook_syntax(tree.body):
            return tree, code
    except SyntaxError:
        pass
    from _carme.syntax import notebook_syntax

    plain, made = notebook_syntax.as_python(code, namespace)
    if plain != code and name in cells:
        set_source(name, cells[name][0], plain)
    return compiled(made, name, "exec", Flags.value | ONLY_AST), made


def may_be_notebook_syntax(body: List[Any]) -> bool:
    """Whether valid Python may be meant as IPython's syntax: `ls -l`, `In [1]: x = 1`."""
    if type(body[0]) is AnnAssign:
        return type(body[0].target) is Subscript
    return len(body) == 1 and type(body[0]) is Expr and is_undefined(body[0].value)


def is_undefined(node: Any) -> bool:
    """Whether an expression such as `ls` or `ls -l` begins with an undefined name."""
    while type(node) in LEFT_FIRST:
        node = getattr(node, node._fields[0])
    return type(node) is Name and node.id not in namespace and not hasattr(builtins, node.id)


def is_future(node: Any) -> bool:
    """Whether a statement is `from __future__ import …`."""
    return type(node) is ImportFrom and node.module == "__future__"


def note_future(node: Any) -> None:
    """Adds the flags of `from __future__ import …` to those of all later cells."""
    import __future__

    for alias in node.names:
        feature = getattr(__future__, alias.name, None)
        Flags.value |= getattr(feature, "compiler_flag", 0)


def note_python(count: int, code: str) -> None:
    """Stores a transformed cell as In[count]."""
    from _carme.syntax import notebook_syntax

    inputs = namespace.get("In")
    if type(inputs) is list and len(inputs) == count + 1:
        inputs[count] = notebook_syntax.as_input(code, namespace)
