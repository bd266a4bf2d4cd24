"""completer.complete(): where completions come from, and cursors."""

import os
import sys
import time
import zipfile

import pytest
from _carme.help.completion import import_names
from _carme.help.completion.completer import complete

pytestmark = pytest.mark.usefixtures("without_jedi")
SOURCE = '''
import os
class A:
    """Doc of A"""
    attr = 1
    _private = 2
    def __init__(self, x, y=2):
        self.inst = x
    def method(self, a, b: int = 1) -> str:
        return 1
    @property
    def prop(self):
        raise SystemExit
class Called:
    def __call__(self, quick): pass
def f(x, *, key=None, other=1):
    return x
a = A(1)
called = Called()
d = {"abc": 1, "abd": [A], 3: 4, b"by": 5, "it's": 1, 'q"': 2, "new\\nline": 3}
lst = [1, "two"]
s = "hello"
'''


@pytest.fixture
def namespace():
    values = {"__name__": "__main__"}
    exec(SOURCE, values)
    return values


def matches(code, namespace, cursor=None):
    return complete(code, len(code) if cursor is None else cursor, namespace)["matches"]


def test_reply_has_all_fields(namespace):
    assert complete("a.met", 5, namespace) == {
        "status": "ok",
        "matches": ["method"],
        "cursor_start": 2,
        "cursor_end": 5,
        "metadata": {
            "_jupyter_types_experimental": [
                {
                    "start": 2,
                    "end": 5,
                    "text": "method",
                    "type": "function",
                    "signature": "(a, b: int = 1) -> str",
                }
            ]
        },
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a.", ["attr", "inst", "method", "prop"]),
        ("a . ", ["attr", "inst", "method", "prop"]),
        ("x = (a.m", ["method"]),
        ("a._p", ["_private"]),
        ("a.__ini", ["__init__", "__init_subclass__"]),
        ("A.at", ["attr"]),
        ("a.inst.rea", ["real"]),
        ("d['abc'].rea", ["real"]),
        ("d['abd'][0].at", ["attr"]),
        ("lst[-1].upp", ["upper"]),
        ("'x'.upp", ["upper"]),
        ("s.upp", ["upper"]),
        ("fo", ["for", "format"]),
        ("ZeroD", ["ZeroDivisionError"]),
        ("zerod", ["ZeroDivisionError"]),
        ("os.path.joi", ["join"]),
        ("1.", []),
        ("12", []),
        ("A(1).", []),
        ("f().", []),
        ("a.prop.", []),
        ("nope.", []),
        ("(1, a)[1].", []),
        ("# a.", []),
        ("f'{a.met", ["method"]),
        ("f'{{a.met", []),
        ("x = 1; os.path.joi", ["join"]),
        ("for name in ran", ["range"]),
    ],
)
def test_names_and_attributes(code, expected, namespace):
    assert matches(code, namespace) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f(", ["x=", "key=", "other="]),
        ("f(1, ", ["key=", "other="]),
        ("f(1, key=2, ", ["other="]),
        ("f(x=(1, 2), ", ["key=", "other="]),
        ("f([1, 2], {3: 4}, ", ["key=", "other="]),
        ("A(", ["x=", "y="]),
        ("a.method(1, ", ["b="]),
        ("called(", ["quick="]),
        ("f(key=", []),
        ("f(1 + ", []),
        ("f((", []),
        ("f([", []),
    ],
)
def test_keyword_arguments_come_first(code, expected, namespace):
    found = matches(code, namespace)
    assert found[: len(expected)] == expected
    assert not any(match.endswith("=") for match in found[len(expected) :])


def test_keyword_argument_by_its_beginning(namespace):
    assert matches("f(ke", namespace)[0] == "key="
    assert "key=" not in matches("f(key, ot", namespace)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("d['ab", ["abc", "abd"]),
        ('d["ab', ["abc", "abd"]),
        ("d[ 'ab", ["abc", "abd"]),
        ("d[b'", ["by"]),
        ("d['it", ["it\\'s"]),
        ('d["it', ["it's"]),
        ('d["q', ['q\\"']),
        ("d['new", ["new\\nline"]),
        ("d[3", ["3"]),
        ("d['abd'][0", []),
    ],
)
def test_keys(code, expected, namespace):
    assert matches(code, namespace) == expected


def test_keys_without_a_quote(namespace):
    assert matches("d[", namespace)[:4] == ["'abc'", "'abd'", "3", "b'by'"]


def test_keys_are_those_of_the_object():
    class Table:
        def _ipython_key_completions_(self):
            return ["one", "two"]

    class Mapped:
        def __getitem__(self, key):
            raise SystemExit

        def keys(self):
            return iter(["x1", "x2"])

    namespace = {"t": Table(), "m": Mapped()}
    assert matches("t['o", namespace) == ["one"]
    assert matches("m['x", namespace) == ["x1", "x2"]


def test_order_is_that_of_ipython():
    namespace = {"_one": 1, "__two": 1, "Beta": 1, "alpha": 1}
    found = [name for name in matches("", namespace) if name in namespace]
    assert found == ["alpha", "Beta"]
    found = [name for name in matches("_", namespace) if name in namespace]
    assert found == ["_one", "__two"]


@pytest.mark.parametrize("cursor", [-5, 0, 1, 99, 10**12])
def test_cursor_is_clamped(cursor, namespace):
    reply = complete("a.", cursor, namespace)
    assert 0 <= reply["cursor_start"] <= reply["cursor_end"] <= 2


def test_cursor_counts_code_points(namespace):
    code = "'\U0001f600é'; a.me"
    reply = complete(code, len(code), namespace)
    assert (reply["matches"], reply["cursor_start"]) == (["method"], len(code) - 2)


def test_cursor_inside_the_code(namespace):
    assert matches("a.me + d['abc']", namespace, 4) == ["method"]


def test_unicode_names():
    assert matches("größ", {"größe": 1}) == ["größe"]


def test_imports(tmp_path, monkeypatch, namespace):
    (tmp_path / "zz_module.py").write_text(
        "raise SystemExit\ndef zz_function(): pass\nclass ZzClass: pass\nzz_value: int = 1\n"
    )
    package = tmp_path / "zz_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "zz_inner.py").write_text("zz_deep = 1")
    (tmp_path / "zz-no-module.py").write_text("")
    (tmp_path / "zz_data").mkdir()
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("zz_zipped.py", "")
    monkeypatch.syspath_prepend(str(tmp_path / "archive.zip"))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert matches("import zz", namespace) == ["zz_module", "zz_package", "zz_zipped"]
    assert matches("import os, zz_m", namespace) == ["zz_module"]
    assert matches("if x: import zz_m", namespace) == ["zz_module"]
    assert matches("from zz_p", namespace) == ["zz_package"]
    assert matches("import zz_package.", namespace) == ["zz_package.zz_inner"]
    assert matches("import zz_package . ", namespace) == ["zz_inner"]
    assert matches("from zz_package import zz", namespace) == ["zz_inner"]
    assert matches("from zz_package.zz_inner import zz", namespace) == ["zz_deep"]
    assert matches("from zz_module import (zz", namespace) == ["zz_function", "zz_value"]
    assert matches("from zz_module import Z", namespace) == ["ZzClass"]
    assert matches("from os.path import jo", namespace) == ["join"]
    assert matches("from os ", namespace).count("import") == 1
    assert "zz_module" not in sys.modules


def test_scan_follows_changes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert matches("import zz_later", {}) == []
    (tmp_path / "zz_later.py").write_text("")
    os.utime(tmp_path, ns=(1, 1))
    assert matches("import zz_later", {}) == ["zz_later"]


def test_scan_ends_at_its_deadline(tmp_path, monkeypatch):
    (tmp_path / "zz_slow.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "zz_slow" not in import_names.top_level(time.monotonic() - 1)
    assert "zz_slow" in import_names.top_level(time.monotonic() + 60)


def test_odd_entries_of_the_path_are_skipped(monkeypatch):
    monkeypatch.setattr(sys, "path", [None, 3, "/no/such/directory", "a\0b", *sys.path])
    assert "json" in matches("import js", {})


def test_paths(tmp_path, monkeypatch):
    for name in ("one.txt", "other file.txt", ".hidden"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert matches("open('o", {}) == ["one.txt", "other file.txt"]
    assert matches("open('.h", {}) == [".hidden"]
    assert matches("open('fo", {}) == ["folder/"]
    assert matches(f'open("{tmp_path}/fo', {}) == [f"{tmp_path}/folder/"]
    assert matches("open('~/on", {}) == ["~/one.txt"]
    assert matches("open('/no/such/place/x", {}) == []
    assert matches('"""o', {}) == []
    reply = complete("open('on", 8, {})
    assert (reply["cursor_start"], reply["cursor_end"]) == (6, 8)


def test_pandas_objects_are_looked_into():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    namespace = {"df": pandas.DataFrame({"col": [1], "other": [2]})}
    assert matches("df['c", namespace) == ["col"]
    assert matches("df.col.me", namespace)[:2] == ["mean", "median"]
    assert matches("df['col'].med", namespace) == ["median"]
    assert "name" in matches("df.index.na", namespace)


def test_much_code_is_quick(namespace):
    code = "x = [1, 2, 'three']\n" * 20000 + "a.me"
    start = time.thread_time()
    assert matches(code, namespace) == ["method"]
    assert time.thread_time() - start < 2  # 0.1 s here; far above for a slow machine
