"""Magics and commands see the names of the function that has them, as IPython's do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

PYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")
one_python = pytest.mark.one_python
terminal = pytest.mark.better("writes through a terminal: its line ends and colours")


@terminal
def test_commands_in_a_function(client: Client) -> None:
    client.run(
        "def said(word):\n    !echo {word} $word {word * 2} $word.txt\n"
        "def lines(word):\n    found = !echo {word.upper()}\n    return found.l"
    )
    assert client.run("said('a')").stdout.startswith("a a aa a.txt")
    assert client.run("lines('b')").result == "['B']"
    client.run("word = 'global'")
    assert client.run("lines('local')").result == "['LOCAL']"
    assert client.run("for i in range(2):\n    !echo {[i for _ in range(2)]}").stdout == (
        "[0, 0]\n[1, 1]\n"
    )
    assert client.run("class A:\n    inner = 5\n    !echo $inner").stdout == "5\n"


@one_python
def test_magics_in_a_function(client: Client, tmp_path: Path) -> None:
    client.run(
        "import os\nvalue = 'global'\ndef moved(place, value):\n    %cd -q {place}\n"
        "    %env CARME_SEEN={value}\n    return os.getcwd(), os.environ['CARME_SEEN']"
    )
    found = f"moved({str(tmp_path)!r}, 'local') == ({str(tmp_path)!r}, 'local')"
    assert client.run(found).result == "True"


def test_timing_in_a_function(client: Client) -> None:
    client.run(
        "def timed(function, *values):\n    %time made = function(*values)\n"
        "    %time [function(each) for each in values]\n"
        "    r = %timeit -q -o -n1 -r1 function(*values)\n    return r.loops\n"
    )
    cell = client.run("timed(max, (1, 2), (3, 4))")
    assert cell.result == "1"
    assert len(re.findall("Wall time", cell.stdout)) == 2
    assert client.run("'made' in globals()").result == "False"
    assert client.run("class B:\n    %time w = 3\nB.w").result == "3"


@one_python
def test_the_shells_own_methods(client: Client) -> None:
    client.run(
        "def asked(p):\n    ip = get_ipython()\n    ip.run_line_magic('env', 'CARME_SEEN=$p')\n"
        "    return ip.getoutput('echo {p}').l, ip.var_expand('$p {p}'), ip.magic('env CARME_SEEN')"
    )
    assert client.run("asked('deep')").result == "(['deep'], 'deep deep', 'deep')"


@one_python
@terminal
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("echo '$n' \"$n\" $n {n!r}", "$n 5 5 5"),
        ("echo $n $$n {{n}}", "5 {n}"),
        ("echo {s[1:3]} {s[:-1]} {n+1}", "bc abcde 6"),
        ("echo '{\"a\":5}'", '{"a":5}'),
        ("echo {n:.2f}", "{n:.2f}"),
        ("echo $$ | grep -c '^[0-9]*$'", "1"),
        ("echo a b | awk '{print $2}'; echo $n", "b\n5"),
        ("echo a b | awk '{{print $2}}'; echo {n}", "b\n5"),
        ("echo {n} $CARME_NOWHERE {nowhere} }", "5 {nowhere} }"),
    ],
)
def test_values_in_a_command(client: Client, command: str, said: str) -> None:
    client.run("n, s = 5, 'abcdef'")
    assert client.run("!" + command).stdout.rstrip("\n") == said


@one_python
@terminal
def test_a_name_beside_the_braces_of_find(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "b.py").write_text("")
    client.run(f"pattern, place = '*.txt', {str(tmp_path)!r}")
    cell = client.run('!find {place} -name "$pattern" -exec basename {} \\;')
    assert cell.stdout == "a.txt\n"


@one_python
@pytest.mark.skipif(not IS_CARME, reason="about handing over")
def test_magics_that_are_ipythons(start: Callable[..., Kernel]) -> None:
    client = start(path=PYTHON).client()
    client.run(
        "def kept(p):\n    %alias said echo {p}\n    %said\n"
        "from IPython.core.magic import needs_local_scope, no_var_expand, register_line_magic"
    )
    client.run(
        "@register_line_magic\n@needs_local_scope\n@no_var_expand\n"
        "def seen(line, local_ns):\n    print(line, sorted(local_ns))"
    )
    assert client.run("def f(a):\n    %seen $a {a}\nf(1)").stdout == "$a {a} ['a']\n"
    assert client.run("kept('local')").stdout == "local\n"


@one_python
@pytest.mark.skipif(not IS_CARME, reason="about IPython's shell in place of the small one")
def test_values_after_takeover(start: Callable[..., Kernel], tmp_path: Path) -> None:
    client = start(path=PYTHON).client()
    (tmp_path / "a.txt").write_text("")
    client.run(f"import IPython\npattern, place = '*.txt', {str(tmp_path)!r}")
    cell = client.run('!find {place} -name "$pattern" -exec basename {} \\;')
    assert cell.stdout == "a.txt\n"
    client.run(
        "def f(word):\n    !echo {word} $word\n    %env CARME_A={word}\n"
        "    found = !echo {word}\n    %time word.upper()\n    return found"
    )
    cell = client.run("word = 'global'\nf('local')")
    assert cell.stdout.startswith("local local\nenv: CARME_A=local\nCPU times")
    assert cell.result == "['local']"
    assert client.run("get_ipython().var_expand('$word {word!r} {nowhere}')").result == (
        "\"global 'global' {nowhere}\""
    )


@one_python
def test_names_above_the_caller(client: Client) -> None:
    client.run(
        "def made(text):\n    ip = get_ipython()\n"
        "    return ip.var_expand(text, depth=1), ip.getoutput('echo ' + text, depth=1).l\n"
        "def user():\n    inner = 3\n    return made('{inner}')"
    )
    assert client.run("user()").result == "('3', ['3'])"
    client.run("async def said(n):\n    !echo {n}")
    assert client.run("await said(4)").stdout.strip() == "4"
