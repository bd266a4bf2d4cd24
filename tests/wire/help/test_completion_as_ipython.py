"""Completions as IPython gives them: characters by name, paths, modules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.client import Client
from harness.kernels import ENVIRONMENTS, IS_CARME, Kernel

WITH_IPYTHON = str(ENVIRONMENTS / "widgets" / "bin" / "python")


def complete(client: Client, code: str) -> tuple[list[str], str]:
    """What is offered, and for which text."""
    reply = client.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content
    return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]


@pytest.mark.parametrize(
    ("code", "matches", "replaced"),
    [
        ("\\alpha", ["α"], "\\alpha"),
        ("x = 1 + \\beta", ["β"], "\\beta"),
        ("'\\phi", ["ϕ"], "\\phi"),
        ("# \\bbR", ["ℝ"], "\\bbR"),
        ("x\\_1 = \\scrA", ["𝒜"], "\\scrA"),
        ("x\\hat", ["\u0302"], "\\hat"),
        ("\\alp", ["\\alpha"], "\\alp"),
        ("\\al", ["\\aleph", "\\alpha"], "\\al"),
        ("\\GREEK SMALL LETTER GAMMA", ["γ"], "\\GREEK SMALL LETTER GAMMA"),
        ("\\ROMAN NUMERAL FIVE", ["Ⅴ"], "\\ROMAN NUMERAL FIVE"),
        ("\\roman numeral five t", ["ROMAN NUMERAL FIVE THOUSAND"], "roman numeral five t"),
        ("\\snowman w", ["SNOWMAN WITHOUT SNOW"], "snowman w"),
        ("\\β", ["\\beta"], "\\β"),
        ("\\Ⅴ", ["\\ROMAN NUMERAL FIVE"], "\\Ⅴ"),
    ],
)
def test_characters_by_name(client: Client, code: str, matches: list[str], replaced: str) -> None:
    assert complete(client, code) == (matches, replaced)


def test_a_line_that_goes_on_is_no_name(client: Client) -> None:
    client.run("alphabet = 1")
    assert "alphabet" in complete(client, "x = 1 + \\\n  alphab")[0]
    assert "alphabet" in complete(client, "y = '\\d+' + alphab")[0]


@pytest.mark.one_python
def test_all_of_ipythons_names(start: Callable[..., Kernel]) -> None:
    client = start(path=WITH_IPYTHON).client()
    assert complete(client, "\\strike") == (["\u0336"], "\\strike")
    assert client.run("'IPython.core' in __import__('sys').modules").result == "False"


@pytest.mark.parametrize(
    ("code", "matches", "replaced"),
    [
        ("./qfo", ["./qfo\\ o3", "./qfo1", "./qfo2"], "./qfo"),
        ("!ls qfo", ["qfo\\ o3", "qfo1", "qfo2"], "qfo"),
        ("!ls qfo1 ./qfo2", ["./qfo2"], "./qfo2"),
        ("!cat qfo\\ ", ["qfo\\ o3"], "qfo\\ "),
        ("x = !ls qfo", ["qfo\\ o3", "qfo1", "qfo2"], "qfo"),
        ("%ls qfo", ["qfo\\ o3", "qfo1", "qfo2"], "qfo"),
        ("ls qfo", ["qfo\\ o3", "qfo1", "qfo2"], "qfo"),
        ("%%writefile qfo", ["qfo\\ o3", "qfo1", "qfo2"], "qfo"),
        ("%cd q", ["qdir/"], "q"),
        ("cd q", ["qdir/"], "q"),
        ("%run q", ["qdir/", "qmod.py", "qnb.ipynb"], "q"),
        ("open('qfo", ["qfo o3", "qfo1", "qfo2"], "qfo"),
        ("open('q\\'", ["q\\'q"], "q\\'"),
        ("open(\"q'", ["q'q"], "q'"),
        ("import os.pa", ["os.path"], "os.pa"),
        ("from xml.et", ["xml.etree"], "xml.et"),
        ("%aimport xml.et", ["xml.etree"], "xml.et"),
        ("%aimport colors", ["colorsys"], "colors"),
        ("%matplotlib in", [], "in"),
        ("%xmode V", [], "V"),
        ("timei", ["%timeit", "%%timeit"], "timei"),
        ("x = %timei", ["%timeit", "%%timeit"], "%timei"),
        ("[1, 2].app", ["append"], "app"),
        ("{}.popi", ["popitem"], "popi"),
        ("(1).bit_l", ["bit_length"], "bit_l"),
    ],
)
def test_paths_modules_and_magics(
    client: Client, code: str, matches: list[str], replaced: str
) -> None:
    client.run(
        "import os; os.makedirs('qdir', exist_ok=True)\n"
        "for n in ('qfo1', 'qfo2', 'qfo o3', \"q'q\", 'qmod.py', 'qnb.ipynb'):\n"
        "    open(n, 'w').close()"
    )
    assert complete(client, code) == (matches, replaced)


def test_names_of_magics_that_are_variables(client: Client) -> None:
    client.run("ls = run = 1\nqueue_of_mine = 2")
    assert complete(client, "ls + queue_of")[0] == ["queue_of_mine"]
    assert complete(client, "run queue_of")[0] == ["queue_of_mine"]
    client.run("del ls, run")


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("class Slow:\n    def __dir__(self): time.sleep(600)", "slow.x"),
        ("class Slow(dict):\n    def keys(self): time.sleep(600)", "slow['x"),
        ("class Slow:\n    def _ipython_key_completions_(self): time.sleep(600)", "slow['x"),
    ],
)
def test_slow_code_of_the_users_is_bounded(client: Client, code: str, asked: str) -> None:
    client.run(f"import time\n{code}\nslow = Slow()")
    complete(client, asked)
    assert client.run("1 + 1").result == "2"


@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="the environment is ours")
def test_completers_of_ones_own(start: Callable[..., Kernel]) -> None:
    client = start(path=WITH_IPYTHON).client()
    client.run("import IPython\nalphabet = 1")
    assert complete(client, "alphab") == (["alphabet"], "alphab")
    client.run(
        "def mine(shell, event): return ['mine_one', 'mine_two']\n"
        "get_ipython().set_hook('complete_command', mine, str_key='%mine')"
    )
    assert complete(client, "%mine mi")[0] == ["mine_one", "mine_two"]
    assert "alphabet" in complete(client, "alphab")[0]


@pytest.mark.one_python
@pytest.mark.skipif(not IS_CARME, reason="the environment is ours")
def test_hooks_of_inspection(start: Callable[..., Kernel]) -> None:
    client = start(path=WITH_IPYTHON).client()
    client.run("import IPython\nx = 5\nhooks = get_ipython().inspector.mime_hooks")
    client.run("hooks['application/x-mine'] = lambda data: f'{data.obj} it is'")
    content = {"code": "x", "cursor_pos": 1, "detail_level": 0}
    reply = client.ask("inspect_request", content).content
    assert reply["data"]["application/x-mine"] == "5 it is"
