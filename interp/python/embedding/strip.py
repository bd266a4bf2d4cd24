"""Python sources without what only their readers need: comments, docstrings, types.

What runs stays in its line, so that tracebacks are the same.
"""

import ast
import io
import tokenize
from typing import Callable, Iterator, List, NamedTuple, Tuple, Union

Definition = Union[ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef]
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Span(NamedTuple):
    """A part of a source: lines from 1, columns in bytes; and the text to put in its place."""

    line: int
    column: int
    end_line: int
    end_column: int
    replacement: bytes = b""


def stripped(source: bytes, has_help: Callable[[str], bool]) -> bytes:
    """Return the source without comments, docstrings, annotations and imports for type checkers.

    has_help: whether users may ask for the help of a function or class, by its qualified name;
    its docstring and its signature stay.
    """
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    spans = [*comments(source, lines), *type_imports(tree), *docstrings(tree, has_help)]
    spans += [*signature_types(tree, lines, has_help), *variable_types(tree)]
    for span in sorted(spans, reverse=True):
        remove(lines, span)
    return b"".join(line.rstrip() + b"\n" for line in lines)


def comments(source: bytes, lines: List[bytes]) -> Iterator[Span]:
    """The comments."""
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            start = len(lines[line - 1].decode()[:column].encode())
            yield Span(line, start, line, start + len(token.string.encode()))


def type_imports(tree: ast.Module) -> Iterator[Span]:
    """The statements `if TYPE_CHECKING:` that have no else."""
    for node in tree.body:
        test = node.test if isinstance(node, ast.If) and not node.orelse else None
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            yield span_of(node)


def docstrings(tree: ast.Module, has_help: Callable[[str], bool]) -> Iterator[Span]:
    """The docstrings that nobody asks for; a body of nothing else becomes `pass`."""
    if ast.get_docstring(tree, clean=False) is not None:
        yield span_of(tree.body[0])
    for name, node in definitions(tree):
        if ast.get_docstring(node, clean=False) is not None and not has_help(name):
            replacement = b"pass" if len(node.body) == 1 else b""
            yield span_of(node.body[0])._replace(replacement=replacement)


def signature_types(
    tree: ast.Module, lines: List[bytes], has_help: Callable[[str], bool]
) -> Iterator[Span]:
    """The types of parameters and of what functions return."""
    for name, node in definitions(tree):
        if isinstance(node, ast.ClassDef) or has_help(name):
            continue
        of = node.args
        for each in (*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg):
            if each is not None and each.annotation is not None:
                column = each.col_offset + len(each.arg.encode())
                yield Span(each.lineno, column, *end_of(each.annotation))
        if node.returns is not None:
            line, column = node.returns.lineno, node.returns.col_offset
            arrow = lines[line - 1].rindex(b" ->", 0, column)
            yield Span(line, arrow, *end_of(node.returns))


def variable_types(tree: ast.Module) -> Iterator[Span]:
    """The types of variables that are given a value at once."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            line, column = end_of(node.target)
            yield Span(line, column, *end_of(node.annotation))


def definitions(parent: ast.AST, prefix: str = "") -> Iterator[Tuple[str, Definition]]:
    """The functions and classes with their qualified names."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, DEFINITIONS):
            yield prefix + node.name, node
            inner = "." if isinstance(node, ast.ClassDef) else ".<locals>."
            yield from definitions(node, prefix + node.name + inner)
        else:
            yield from definitions(node, prefix)


def span_of(node: ast.stmt) -> Span:
    """The part of the source that a statement is."""
    return Span(node.lineno, node.col_offset, *end_of(node))


def end_of(node: Union[ast.stmt, ast.expr]) -> Tuple[int, int]:
    """The line and the column behind it."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset


def remove(lines: List[bytes], span: Span) -> None:
    """Puts the replacement in the place of the span; its lines stay, without content."""
    first, last = span.line - 1, span.end_line - 1
    tail = lines[last][span.end_column :]
    lines[first] = lines[first][: span.column] + span.replacement
    for middle in range(first + 1, last + 1):
        lines[middle] = b""
    lines[last] += tail.rstrip()
