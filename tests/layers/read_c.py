"""Which C file includes which, and which calls which.

Read from the text, without a compiler. A call is each mention of a function or variable that
another file defines, also where only its address is taken; a member, a parameter or a local
variable of the same name is none. `X.c` and `X.h` are one module.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import NamedTuple

from layers.graph import Arrow, Sources

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)
DEFINE = re.compile(r"\s*#\s*define\s+\w+(?:\(([^)]*)\))?")
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')', re.S)
TOKEN = re.compile(r"\n|[A-Za-z_]\w*|->|\.\.\.|\d[\w.]*|[^\s\w]")
NAME = re.compile(r"[A-Za-z_]\w*$")
POINTER = re.compile(r"^[^(]*\( \*(?: const)* (\w+)[^()]*\) \(")  # int (*const name)(
NO_TYPE = frozenset("return else case goto sizeof do".split())
TAGS = frozenset(("struct", "union", "enum"))


class Token(NamedTuple):
    """A word or a sign, and its line."""

    text: str
    line: int


class Mention(NamedTuple):
    """A name that may be another file's function."""

    name: str
    line: int
    is_call: bool


@dataclass
class File:
    """What one file has and asks for."""

    path: str
    includes: list[tuple[str, int, bool]] = field(default_factory=list)  # name, line, <>
    public: set[str] = field(default_factory=set)  # defined here, for all
    private: set[str] = field(default_factory=set)  # defined here, static
    declared: set[str] = field(default_factory=set)
    mentions: list[Mention] = field(default_factory=list)

    @property
    def module(self) -> str:
        """Its path without .c or .h."""
        return self.path[:-2]


def blank(text: str, keep_strings: bool) -> str:
    """The text without comments and, if so wished, strings; lines stay where they are."""

    def empty(found: re.Match[str]) -> str:
        if found[1] and keep_strings:
            return found[0]
        return ('""' if found[1] else " ") + "\n" * found[0].count("\n")

    return COMMENT.sub(empty, text)


def tokens(text: str, line: int = 1) -> list[Token]:
    """The words and signs of C text."""
    found = []
    for match in TOKEN.finditer(text):
        if match[0] == "\n":
            line += 1
        else:
            found.append(Token(match[0], line))
    return found


def read_file(path: str, text: str) -> File:
    """One file."""
    file = File(path)
    bare = blank(text, keep_strings=True)
    for match in INCLUDE.finditer(bare):
        file.includes.append((match[2], bare.count("\n", 0, match.start(2)) + 1, match[1] == "<"))
    bare = DIRECTIVE.sub(partial(read_directive, file, blank(text, False)), blank(text, False))
    for item in items(tokens(bare)):
        read_item(file, item)
    return file


def read_directive(file: File, text: str, found: re.Match[str]) -> str:
    """A macro's mentions are its file's; of each directive only the line ends stay."""
    head = DEFINE.match(found[0])
    if head:
        parameters = set(re.findall(r"\w+", head[1] or ""))
        line = text.count("\n", 0, found.start()) + 1
        add_mentions(file, tokens(found[0][head.end() :].replace("\\\n", "\n"), line), parameters)
    return "\n" * found[0].count("\n")


def items(words: list[Token]) -> list[list[Token]]:
    """The declarations and definitions of a file, each with its body or its semicolon."""
    found: list[list[Token]] = []
    item: list[Token] = []
    depth = 0
    for word in words:
        item.append(word)
        depth += (word.text in "({[") - (word.text in ")}]")
        if depth == 0 and (word.text == ";" or word.text == "}" and is_function(item)):
            found.append(item)
            item = []
    return found


def split(item: list[Token]) -> tuple[list[Token], list[Token]]:
    """What stands before a body or a value, and that body or value."""
    depth = 0
    for i, word in enumerate(item):
        if depth == 0 and word.text in ("{", "="):
            return item[:i], item[i:]
        depth += (word.text in "([") - (word.text in ")]")
    return item, []


def is_function(item: list[Token]) -> bool:
    """Whether it is a function with its body."""
    head, body = split(item)
    return bool(head) and head[-1].text == ")" and bool(body) and body[0].text == "{"


def called_names(head: list[Token]) -> list[str]:
    """The names outside parentheses that have parentheses behind them."""
    found, depth = [], 0
    for word, after in zip(head, [*head[1:], Token("", 0)]):
        if depth == 0 and after.text == "(" and NAME.match(word.text):
            found.append(word.text)
        depth += (word.text == "(") - (word.text == ")")
    return found


def read_item(file: File, item: list[Token]) -> None:
    """A function, a variable, a type or a prototype."""
    head, body = split(item)
    words = {word.text for word in head}
    names = called_names(head)
    if is_function(item) and names:
        define(file, names[-1], words)
        add_mentions(file, body, {*declared_names(head), *declared_names(body)})
    elif variable := variable_of(head, body, words, names):
        read_variable(file, variable, words)
        add_mentions(file, body, set())
    elif not body:
        file.declared.update(names)


def variable_of(
    head: list[Token], body: list[Token], words: set[str], names: list[str]
) -> list[Token]:
    """The declaration of a variable, of a pointer to a function only its name; or nothing."""
    pointer = POINTER.search(" ".join(word.text for word in head))
    if "typedef" in words or words & TAGS and not names and is_type(head, body):
        return []
    if pointer:
        return [Token(pointer[1], head[0].line)]
    return [] if names else head


def is_type(head: list[Token], body: list[Token]) -> bool:
    """Whether it describes a struct, union or enum, or only names one."""
    return bool(body) and body[0].text == "{" or len(head) <= 3


def read_variable(file: File, head: list[Token], words: set[str]) -> None:
    """A variable of the file."""
    names = [
        word.text
        for word, after in zip(head, [*head[1:], Token("=", 0)])
        if NAME.match(word.text) and after.text in ("=", ";", "[", ",")
    ]
    if "extern" in words:
        file.declared.update(names)
    else:
        for name in names[:1]:
            define(file, name, words)


def define(file: File, name: str, words: set[str]) -> None:
    """A header's static inline function is for all who include it."""
    private = "static" in words and not file.path.endswith(".h")
    (file.private if private else file.public).add(name)
    if file.path.endswith(".h"):
        file.declared.add(name)


def declared_names(words: list[Token]) -> set[str]:
    """The parameters and local variables."""
    found: set[str] = set()
    depth, listing = 0, -1  # of parentheses; of those in which a declaration goes on
    for i, word in enumerate(words[1:], 1):
        depth += (word.text in "({[") - (word.text in ")}]")
        if word.text == ";":
            listing = -1
        after = words[i + 1].text if i + 1 < len(words) else ";"
        if NAME.match(word.text) and after in ("=", ";", ",", ")", "[", ":"):
            if is_behind_type(words, i) or words[i - 1].text == "*" and words[i - 2].text == "(":
                found.add(word.text)
                listing = depth
            elif depth == listing and is_behind_comma(words, i):
                found.add(word.text)
    return found


def is_behind_comma(words: list[Token], i: int) -> bool:
    """Whether a comma stands before, with or without stars."""
    while words[i - 1].text == "*":
        i -= 1
    return words[i - 1].text == ","


def is_behind_type(words: list[Token], i: int) -> bool:
    """Whether what stands before is a type, with or without stars."""
    before = i - 1
    while before >= 0 and words[before].text in ("*", "const", "restrict"):
        before -= 1
    return (
        before >= 0 and bool(NAME.match(words[before].text)) and words[before].text not in NO_TYPE
    )


def add_mentions(file: File, words: list[Token], local: set[str]) -> None:
    """The names that are no members, tags, parameters or local variables."""
    before = ""
    for word, after in zip(words, [*words[1:], Token("", 0)]):
        if NAME.match(word.text) and word.text not in local:
            if before not in (".", "->", "goto") and before not in TAGS:
                file.mentions.append(Mention(word.text, word.line, after.text == "("))
        before = word.text


# --- between the files -------------------------------------------------------------------------


class Reader:
    """All files together."""

    def __init__(self, root: Path, folders: list[str], browser: list[str]) -> None:
        """Reads every .c and .h under these folders; `browser`: which are only in its program."""
        paths = sorted(p for f in folders for p in (root / f).rglob("*.[ch]"))
        read = ((str(path.relative_to(root)), path.read_text()) for path in paths)
        self.files = {path: read_file(path, text) for path, text in read}
        modules = {file.module for file in self.files.values()}
        self.browser = {m for m in modules if any(fnmatch(m, pattern) for pattern in browser)}
        self.definers: dict[str, list[File]] = defaultdict(list)
        for file in self.files.values():
            for name in file.public:
                self.definers[name].append(file)
        self.seen: dict[str, set[str]] = {}

    def headers(self, path: str) -> set[str]:
        """The headers of ours that a file sees."""
        if path not in self.seen:
            self.seen[path] = set()
            for name, _, _ in self.files[path].includes:
                if name in self.files:
                    self.seen[path] |= {name} | self.headers(name)
        return self.seen[path]

    def definitions(self, file: File, mention: Mention) -> list[tuple[File, str]]:
        """Who defines what a file calls, and the header that both see; a pair of files may."""
        if mention.name in file.private | file.public:
            return []
        seen = {file.path, *self.headers(file.path)}
        known = {path for path in seen if mention.name in self.files[path].declared}
        without_header = file.path in known and file.path.endswith(".c")
        found = []
        for other in self.definers.get(mention.name, []):
            shared = known & {other.path, *self.headers(other.path)}
            if shared or without_header or mention.is_call and not known:
                found.append((other, min(shared, default=file.path)))
        return found

    def calls(self, file: File) -> list[Arrow]:
        """Of one file, each function of another one once."""
        found: dict[tuple[str, str], Arrow] = {}
        for mention in file.mentions:
            verb = f"calls {mention.name} in"
            for other, header in self.definitions(file, mention):
                arrow = Arrow(file.module, other.module, file.path, mention.line, verb, header)
                found.setdefault((verb, other.module), arrow)
        return list(found.values())

    def includes(self, file: File) -> list[Arrow]:
        """Of our own headers."""
        return [
            Arrow(file.module, name[:-2], file.path, line, "includes", name)
            for name, line, _ in file.includes
            if name in self.files
        ]

    def foreign(self) -> list[tuple[str, str, int]]:
        """The libraries' headers: header, file, line."""
        files = self.files.values()
        return [
            (n, f.path, line) for f in files for n, line, _ in f.includes if n not in self.files
        ]

    def pairs(self) -> tuple[set[str], set[str]]:
        """The modules that define the same: the desktop's, and those the browser has instead."""
        shared = [files for files in self.definers.values() if len(files) > 1]
        both = {
            f.module for files in shared for f in files if self.browser & {o.module for o in files}
        }
        return both - self.browser, both & self.browser


def of_headers(includes: list[Arrow]) -> list[Arrow]:
    """Between headers alone, by file: a .c file that sees a header is seen by nobody."""
    return [a._replace(source=a.file, target=a.through) for a in includes if a.file.endswith(".h")]


def without(calls: list[Arrow], modules: set[str]) -> list[Arrow]:
    """The calls between the other modules."""
    return [a for a in calls if a.source not in modules and a.target not in modules]


def read(root: Path, folders: list[str], browser: list[str]) -> tuple[Sources, Reader]:
    """The C of a tree. A circle is looked for in the desktop's program and in the browser's."""
    reader = Reader(root, folders, browser)
    sources = Sources("C", "")
    for file in reader.files.values():
        sources.files.setdefault(file.module, []).append(file.path)
    includes = [a for file in reader.files.values() for a in reader.includes(file)]
    calls = [a for file in reader.files.values() for a in reader.calls(file)]
    desktops, instead = reader.pairs()
    sources.arrows = includes + [a for a in calls if a.target not in instead]
    programs = [without(calls, reader.browser), without(calls, desktops)]
    sources.graphs = [of_headers(includes), *programs]
    return sources, reader
