"""Which Python module imports which.

An import counts wherever it stands, also in a function; not in `if TYPE_CHECKING`. A module's name
in a string counts as an import, a docstring left aside: import_module(), sys.modules and code in a
string use it. A string that ends with a dot (`"_carme.magics."`) is the beginning of names: it means
those modules of the package whose other half is a string of the same file, or else all of them.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from layers.graph import Arrow, Sources

DOTTED = r"((?:\.[A-Za-z_]\w*)+)(\.?)"


def find_modules(folder: Path) -> dict[str, Path]:
    """By name: "session/cell"; a package is "session/__init__"."""
    return {str(p.relative_to(folder))[:-3]: p for p in sorted(folder.rglob("*.py"))}


def native_names(folder: Path) -> set[str]:
    """What `_carme` has that is no module of Python."""
    stub = folder / "__init__.pyi"
    if not stub.exists():
        return set()
    return {
        name
        for node in ast.parse(stub.read_text()).body
        for name in (getattr(node, "name", ""), getattr(getattr(node, "target", None), "id", ""))
    }


class Names:
    """The modules of the package, by what Python calls them."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the package."""
        self.package = folder.name
        self.modules = find_modules(folder)
        self.native = native_names(folder)
        self.in_text = re.compile(r"\b" + re.escape(self.package) + DOTTED)

    def module(self, dotted: str) -> str | None:
        """The module of a name without the package's, or None."""
        path = dotted.replace(".", "/")
        for name in (path, path + "/__init__" if path else "__init__"):
            if name in self.modules:
                return name
        return None

    def longest(self, dotted: str) -> str | None:
        """The module that a name begins with."""
        parts = dotted.split(".")
        if parts[0] in self.native and not self.module(parts[0]):
            return None
        names = (self.module(".".join(parts[:n])) for n in range(len(parts), 0, -1))
        return next((name for name in names if name), None)

    def has(self, dotted: str) -> bool:
        """Whether a name is a module's, a package's, or of something in a module."""
        above, _, last = dotted.rpartition(".")
        if self.module(dotted) or self.children(dotted) or not above and last in self.native:
            return True
        module = self.module(above) if above else None
        return module is not None and self.defines(module, last)

    def defines(self, module: str, name: str) -> bool:
        """Whether a module's text has a name."""
        return bool(re.search(rf"\b{re.escape(name)}\b", self.modules[module].read_text()))

    def children(self, dotted: str) -> list[str]:
        """The modules of a subpackage."""
        path = dotted.replace(".", "/") + "/"
        return [n for n in self.modules if n.startswith(path) and n != path + "__init__"]


class Visitor(ast.NodeVisitor):
    """One module's imports."""

    def __init__(self, names: Names, module: str, path: str) -> None:
        """`path` is the file's name in what is reported."""
        self.names, self.source, self.path = names, module, path
        self.arrows: list[Arrow] = []
        self.prefixes: list[tuple[str, int]] = []
        self.words: set[str] = set()

    def add(self, target: str | None, line: int, verb: str = "imports") -> None:
        """An arrow, unless it is to itself."""
        arrow = Arrow(self.source, target or "", self.path, line, verb)
        if target and target != self.source and arrow not in self.arrows:
            self.arrows.append(arrow)

    def dotted(self, node: ast.ImportFrom) -> str | None:
        """The name after `from`, without the package's; None: not ours."""
        name = node.module or ""
        if node.level:
            above = self.source.split("/")[: -node.level]
            return ".".join([*above, *([name] if name else [])])
        package = self.names.package
        return name[len(package) + 1 :] if (name + ".").startswith(package + ".") else None

    def visit_Import(self, node: ast.Import) -> None:
        """`import _carme.session.cell`."""
        for alias in node.names:
            first, _, rest = alias.name.partition(".")
            if first == self.names.package and rest:
                self.add(self.names.longest(rest), node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from _carme.session import cell`: the module cell, or a name in session."""
        base = self.dotted(node)
        if base is None:
            return
        for alias in node.names:
            inner = self.names.module(f"{base}.{alias.name}".lstrip("."))
            self.add(inner or (self.names.longest(base) if base else None), node.lineno)

    def visit_If(self, node: ast.If) -> None:
        """What only a type checker reads is left out."""
        if ast.unparse(node.test) not in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            self.generic_visit(node)
            return
        for statement in node.orelse:
            self.visit(statement)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A string that is a statement is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`_carme.session` without an import of it."""
        if isinstance(node.value, ast.Name) and node.value.id == self.names.package:
            if node.attr not in self.names.native:
                self.add(self.names.module(node.attr), node.lineno, "names")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A name in a string."""
        if isinstance(node.value, str):
            self.words.add(node.value)
            for found in self.names.in_text.finditer(node.value):
                self.visit_name(found[1][1:], found[2], node.lineno)

    def visit_name(self, dotted: str, dot: str, line: int) -> None:
        """A whole name, or the beginning of one."""
        if dot and self.names.children(dotted):
            self.prefixes.append((dotted, line))
        else:
            self.add(self.names.longest(dotted), line, "names, in a string,")

    def finish(self) -> list[Arrow]:
        """Beginnings of names last: all words must have been seen."""
        for dotted, line in self.prefixes:
            children = self.names.children(dotted)
            start = len(dotted) + 1
            named = [child for child in children if child[start:].replace("/", ".") in self.words]
            for child in named or children:
                self.add(child, line, "names, in a string,")
        return self.arrows


def visit_file(names: Names, module: str, path: Path, shown: str) -> list[Arrow]:
    """The arrows of one module."""
    visitor = Visitor(names, module, shown)
    visitor.visit(ast.parse(path.read_text(), shown))
    return visitor.finish()


def read(root: Path, base: str) -> Sources:
    """The Python package of a tree."""
    names = Names(root / base)
    sources = Sources("Python", base)
    for module, path in names.modules.items():
        shown = str(path.relative_to(root))
        sources.files[module] = [shown]
        sources.arrows += visit_file(names, module, path, shown)
    sources.graphs = [sources.arrows]
    return sources
