"""Completions of a backslash and a LaTeX or Unicode name to the character of that name.

Where IPython is installed, the LaTeX names are those of its table, read without importing IPython;
otherwise they are made from Unicode's names. Only characters that a Python name may contain.
Source: IPython's documentation, "Unicode completions"; The Unicode Standard, "Mathematical
Alphanumeric Symbols"; LaTeX's names of letters and accents.
"""

import sys
import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Found = tuple[int, list[str], str]  # offset of the text to replace, replacements, kind

_MOST = 500
_LONGEST = 100  # characters of a name
_NAMED = ((0x20, 0x3134B), (0xE0001, 0xE01F0))  # ranges of code points that have names
_GREEK = (
    *("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa"),
    *("Lamda", "Mu", "Nu", "Xi", "Omicron", "Pi", "Rho", "Sigma", "Tau", "Upsilon", "Phi"),
    *("Chi", "Psi", "Omega"),
)
_VARIANTS = ("Epsilon", "Theta", "Kappa", "Phi", "Rho", "Pi")
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ALPHABETS = {
    "bf": "BOLD",
    "it": "ITALIC",
    "bi": "BOLD ITALIC",
    "scr": "SCRIPT",
    "bscr": "BOLD SCRIPT",
    "frak": "FRAKTUR",
    "bfrak": "BOLD FRAKTUR",
    "bb": "DOUBLE-STRUCK",
    "sans": "SANS-SERIF",
    "bsans": "SANS-SERIF BOLD",
    "isans": "SANS-SERIF ITALIC",
    "bisans": "SANS-SERIF BOLD ITALIC",
    "tt": "MONOSPACE",
}
_SINGLE = {
    "varepsilon": "ε",
    "epsilon": "ϵ",
    "varphi": "φ",
    "phi": "ϕ",
    "vartheta": "ϑ",
    "varpi": "ϖ",
    "varkappa": "ϰ",
    "varrho": "ϱ",
    "varsigma": "ς",
    "varTheta": "ϴ",
    "varbeta": "ϐ",
    "ell": "ℓ",
    "wp": "℘",
    "Re": "ℜ",
    "Im": "ℑ",
    "hbar": "ħ",
    "hslash": "ℏ",
    "planck": "ℎ",
    "euler": "ℯ",
    "ohm": "\u2126",
    "Angstrom": "\u212b",
    "aleph": "ℵ",
    "beth": "ℶ",
    "gimel": "ℷ",
    "daleth": "ℸ",
    "imath": "ı",
    "jmath": "ȷ",
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "eth": "ð",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "dj": "đ",
    "DJ": "Đ",
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "breve": "\u0306",
    "dot": "\u0307",
    "ddot": "\u0308",
    "ocirc": "\u030a",
    "H": "\u030b",
    "check": "\u030c",
    "grave": "\u0300",
    "acute": "\u0301",
    "c": "\u0327",
    "not": "\u0338",
    "vec": "\u20d7",
    "dddot": "\u20db",
    "ddddot": "\u20dc",
    "overbar": "\u0305",
    "underbar": "\u0332",
    "cdotp": "·",
    "schwa": "ə",
    "digamma": "ϝ",
    "ith": "ℎ",
    "^alpha": "ᵅ",
    "^beta": "ᵝ",
    "^gamma": "ᵞ",
    "^delta": "ᵟ",
    "^epsilon": "ᵋ",
    "^theta": "ᶿ",
    "^iota": "ᶥ",
    "^phi": "ᵠ",
    "^chi": "ᵡ",
}
_tables: list[dict[str, str]] = []  # name to character and character to name, once they are read


def complete(before: str) -> Found | None:
    """Return the completions of the name after the last backslash of `before`, or None."""
    place = before.rfind("\\")
    name = before[place + 1 :]
    if len(name) > _LONGEST or "\n" in name:
        return None
    letters, names = tables()
    text = before[place:]
    if text in letters:
        return place, [letters[text]], "latex"
    begun = [each for each in letters if each.startswith(text)]
    if begun:
        return place, sorted(begun)[:_MOST], "latex"
    found = _character(name)
    if found:
        return place, [found], "unicode"
    if len(name) == 1 and not (name.isascii() and name.isalpha()) and name not in "\"'":
        if name in names:
            return place, [names[name]], "latex"
        known = unicodedata.name(name, "")
        return (place, ["\\" + known], "unicode") if known else None
    matches = _unicode_names(name.upper())
    return (place + 1, sorted(matches)[:_MOST], "unicode") if matches else None


def _character(name: str) -> str:
    """Return the character of a Unicode name if a Python name may contain it, else ""."""
    try:
        found = unicodedata.lookup(name)
    except KeyError:
        return ""
    return found if ("a" + found).isidentifier() else ""


def _unicode_names(wanted: str) -> list[str]:
    """Return the names that begin with it; if none, that contain it; if none, all its words."""
    words = wanted.split(" ")
    rules: list[Callable[[str], bool]] = [
        lambda name: name.startswith(wanted),
        lambda name: wanted in name,
        lambda name: all([word in name for word in words]),
    ]
    if not _can_be_name(wanted):
        return []
    for rule in rules[: 3 if len(words) > 1 else 2]:
        found = list(filter(rule, _all_names()))
        if found:
            return found
    return []


def _can_be_name(text: str) -> bool:
    """Whether all its characters occur in Unicode names."""
    return text.isascii() and text.replace("-", "A").replace(" ", "A").isalnum()


def _all_names() -> Iterator[str]:
    for first, end in _NAMED:
        for code in range(first, end):
            name = unicodedata.name(chr(code), "")
            if name:
                yield name


def tables() -> list[dict[str, str]]:
    """Return (name with its backslash to character, character to name)."""
    if not _tables:
        letters = _installed() or dict(_made())
        _tables[:] = letters, {letter: name for name, letter in letters.items()}
    return _tables


def _installed() -> dict[str, str] | None:
    """Return the table of the installed IPython, or None without IPython or such a table."""
    import os
    from importlib.machinery import PathFinder, SourceFileLoader

    try:
        package = PathFinder.find_spec("IPython", sys.path)
        folder = list(package.submodule_search_locations or ())[0] if package else ""
        path = os.path.join(folder, "core", "latex_symbols.py")
        code = SourceFileLoader("IPython.core.latex_symbols", path).get_code(
            "IPython.core.latex_symbols"
        )
        found: dict[str, dict[str, str]] = {}
        exec(code or "", found)
        return dict(found["latex_symbols"])
    except Exception:
        return None


def _made() -> Iterator[tuple[str, str]]:
    """Yield LaTeX names and characters, made from Unicode names."""
    for name in _GREEK:
        latin = name.replace("Lamda", "Lambda")
        yield from _named(latin, f"GREEK CAPITAL LETTER {name}")
        yield from _named(latin.lower(), f"GREEK SMALL LETTER {name}")
        yield from _named("_" + latin.lower(), f"GREEK SUBSCRIPT SMALL LETTER {name}")
    for name, letter in _SINGLE.items():
        yield "\\" + name, letter
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        small = letter.lower()
        if letter not in "CFQ":
            yield from _named("^" + letter, f"MODIFIER LETTER CAPITAL {letter}")
            yield from _named("^" + small, f"MODIFIER LETTER SMALL {letter}")
        yield from _named("^" + small, f"SUPERSCRIPT LATIN SMALL LETTER {letter}")
        yield from _named("_" + small, f"LATIN SUBSCRIPT SMALL LETTER {letter}")
    yield from _named("^c", "MODIFIER LETTER SMALL C")
    yield from _named("^f", "MODIFIER LETTER SMALL F")
    for prefix, style in _ALPHABETS.items():
        yield from _alphabet(prefix, style)


def _alphabet(prefix: str, style: str) -> Iterator[tuple[str, str]]:
    """Yield the letters and digits of a mathematical alphabet, except the script l."""
    older = style.replace("FRAKTUR", "BLACK-LETTER")
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for case, latin in (("CAPITAL", letter), ("SMALL", letter.lower())):
            if prefix + latin == "scrl":
                continue
            if style in ("SCRIPT", "FRAKTUR", "DOUBLE-STRUCK") and prefix + latin != "scrP":
                yield from _named(prefix + latin, f"{older} {case} {letter}")
            yield from _named(prefix + latin, f"MATHEMATICAL {style} {case} {letter}")
    for name in _GREEK:
        latin = name.replace("Lamda", "Lambda")
        yield from _named(prefix + latin, f"MATHEMATICAL {style} CAPITAL {name}")
        variant = "var" if name in ("Epsilon", "Phi") else ""
        yield from _named(prefix + variant + latin.lower(), f"MATHEMATICAL {style} SMALL {name}")
    for name in _VARIANTS:
        variant = "" if name in ("Epsilon", "Phi") else "var"
        yield from _named(f"{prefix}{variant}{name.lower()}", f"MATHEMATICAL {style} {name} SYMBOL")
    yield from _named(prefix + "varTheta", f"MATHEMATICAL {style} CAPITAL THETA SYMBOL")
    yield from _named(prefix + "varsigma", f"MATHEMATICAL {style} SMALL FINAL SIGMA")
    for name in _DIGITS:
        yield from _named(prefix + name, f"MATHEMATICAL {style} DIGIT {name}")


def _named(name: str, unicode_name: str) -> Iterator[tuple[str, str]]:
    try:
        yield "\\" + name, unicodedata.lookup(unicode_name.upper())
    except KeyError:
        return
