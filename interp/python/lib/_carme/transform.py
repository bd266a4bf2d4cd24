"""A notebook's own syntax as Python: magics, commands, help, prompts.

Line numbers stay, so that tracebacks show the cell as it was typed. Loaded only for a cell that is
no plain Python. Source: IPython's documentation, "IPython reference" ("Magic command system",
"System shell access") and "Specific config details".
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

SHELL = "get_ipython()"
CELL_MAGIC = re.compile(r"%%(?P<name>[\w.]+\??)(?P<line>[^\n]*)\n?(?P<body>.*)", re.DOTALL)
CLASSIC_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")
IPYTHON_PROMPT = re.compile(r"(?:In \[\d+\]: ?|\s*\.{3,}: ?)")
FIRST_PROMPT = re.compile(r">>>(?: |$)|In \[\d+\]:")
HELP = re.compile(r"(?P<name>%{0,2}[^\W\d][\w.*]*(?:\[-?\w+\])*(?:\.[\w.*]+)?)(?P<marks>\?\??)\s*$")
EXPRESSION_MAGIC = re.compile(r"\s*(?P<mark>%|!)\s*(?P<rest>\S.*)", re.DOTALL)
ASSIGNS = re.compile(r"(?<![=!<>+\-*/%&|^:@])=(?!=)")
OPENING = re.compile(r"""[bfrtuBFRTU]{0,2}('{3}|"{3}|'|")|[#(\[{)\]}\\]""")


class Scanner:
    """What is open at the end of the lines so far: a string, brackets, a continued line."""

    def __init__(self) -> None:
        """Nothing is."""
        self.quote = ""
        self.depth = 0
        self.continued = False

    def is_inside(self) -> bool:
        """Whether the next line goes on with what is open."""
        return bool(self.quote) or self.depth > 0 or self.continued

    def feed(self, line: str) -> None:
        """Takes one line of Python."""
        self.continued = False
        place = 0
        while place < len(line):
            place = self.skip_string(line, place) if self.quote else self.find(line, place)
        if len(self.quote) == 1 and not self.continued:
            self.quote = ""

    def skip_string(self, line: str, place: int) -> int:
        """Behind the end of the string, or of the line."""
        while place < len(line):
            if line[place] == "\\":
                self.continued = len(self.quote) == 1 and place == len(line) - 1
                place += 2
            elif line.startswith(self.quote, place):
                place += len(self.quote)
                self.quote = ""
                return place
            else:
                place += 1
        return place

    def find(self, line: str, place: int) -> int:
        """Behind the next thing that opens or closes; the end of the line if there is none."""
        found = OPENING.search(line, place)
        if found is None or found[0] == "#":
            return len(line)
        if found[1]:
            self.quote = found[1]
        elif found[0] == "\\":
            self.continued = found.end() == len(line)
        elif found[0] in "([{":
            self.depth += 1
        else:
            self.depth = max(0, self.depth - 1)
        return found.end()


def transform(code: str) -> str:
    """The code as Python; unchanged where nothing of a notebook's own is in it."""
    code = strip_prompts(code)
    whole = cell_magic(code)
    if whole is not None:
        return whole
    lines = code.split("\n")
    made: List[str] = []
    scanner = Scanner()
    while lines:
        line = lines.pop(0)
        replaced = None if scanner.is_inside() else statement(line, lines)
        if replaced is None:
            scanner.feed(line)
            made.append(line)
        else:
            made += replaced
    return "\n".join(made)


def cell_magic(code: str) -> Optional[str]:
    """The call for a cell that begins with `%%name`, or None."""
    text = code.lstrip("\n")
    found = CELL_MAGIC.match(text)
    if found is None:
        return None
    before = "\n" * (len(code) - len(text))
    if found["name"].endswith("?"):
        return before + call("run_line_magic", "pinfo", "%%" + found["name"][:-1])
    body = found["body"]
    body += "" if body.endswith("\n") or not body else "\n"
    return before + call("run_cell_magic", found["name"], found["line"].strip(), body)


def call(method: str, *values: str) -> str:
    """A call of the shell's."""
    return f"{SHELL}.{method}({', '.join(map(repr, values))})"


def statement(line: str, following: List[str]) -> Optional[List[str]]:
    """Lines in place of one that begins a statement, with those it goes on in; None: plain."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    text = line[len(indent) :]
    for kind in (escaped, asks_help, assigned):
        if kind(text) is not None:
            whole, count = joined(text, following)
            replaced = kind(whole)
            del following[:count]
            return [indent + str(replaced)] + [""] * count
    return None


def joined(text: str, following: List[str]) -> Tuple[str, int]:
    """The line with those that a backslash at its end adds, and how many these are."""
    count = 0
    while text.endswith("\\") and count < len(following):
        text = text[:-1].rstrip() + " " + following[count].strip()
        count += 1
    return text, count


def escaped(text: str) -> Optional[str]:
    """`%name line`, `!command`, `!!command`, `?name`."""
    if text.startswith("!!"):
        return call("getoutput", text[2:].strip())
    if text.startswith("!"):
        return call("system", text[1:].strip())
    if text.startswith("?"):
        name = text.lstrip("?")
        marks = len(text) - len(name)
        return call("run_line_magic", "pinfo2" if marks > 1 else "pinfo", name.strip())
    if text.startswith("%") and len(text) > 1 and not text[1:2].isspace():
        if HELP.match(text):
            return None
        name, _, line = text[1:].lstrip("%").partition(" ")
        return call("run_line_magic", name, line.strip())
    return None


def asks_help(text: str) -> Optional[str]:
    """`name?` and `name??`."""
    found = HELP.match(text)
    if found is None:
        return None
    name = found["name"]
    if "*" in name:
        return call("run_line_magic", "psearch", name)
    return call("run_line_magic", "pinfo2" if found["marks"] == "??" else "pinfo", name)


def assigned(text: str) -> Optional[str]:
    """`x = %name line` and `x = !command`."""
    for found in ASSIGNS.finditer(text):
        left, magic = text[: found.end()], EXPRESSION_MAGIC.match(text, found.end())
        if magic is None or not is_target(left[:-1]):
            continue
        rest = magic["rest"].strip()
        if magic["mark"] == "!":
            return f"{left} {call('getoutput', rest)}"
        if rest[:1].isalpha() or rest[:1] == "_":
            name, _, line = rest.partition(" ")
            return f"{left} {call('run_line_magic', name, line.strip())}"
    return None


def is_target(text: str) -> bool:
    """Whether something can be assigned to it: no string or bracket is open at its end."""
    scanner = Scanner()
    scanner.feed(text)
    return bool(text.strip()) and "#" not in text and not scanner.is_inside()


def strip_prompts(code: str) -> str:
    """The code without prompts, if its first line has one."""
    first = next((line for line in code.split("\n") if line.strip()), "").strip()
    found = FIRST_PROMPT.match(first)
    if found is None:
        return code
    prompt = CLASSIC_PROMPT if first.startswith(">>>") else IPYTHON_PROMPT
    bare = [line.lstrip() for line in code.split("\n")]
    return "\n".join(
        prompt.sub("", text, count=1) if prompt.match(text) else line
        for text, line in zip(bare, code.split("\n"))
    )


def automagic(code: str, name: str) -> str:
    """The call for a line that names a magic without its sign, all of which is `name …`."""
    return call("run_line_magic", name, code.strip()[len(name) :].strip())
