"""input() and what stands on it, in each of the ways."""

from __future__ import annotations

from lite.conftest import on
from lite.kernel import Kernel

EVERY = on(
    "isolated-shared",
    "isolated-serviceworker",
    "isolated-jspi",
    "plain-serviceworker",
    "plain-jspi",
)


@EVERY
def test_input(kernel: Kernel) -> None:
    cell = kernel.begin("print('hello', input('who? '))")
    assert kernel.question(cell) == {"prompt": "who? ", "password": False}
    kernel.answer(cell, "Käthe 𝄞")
    assert kernel.finish(cell).text == "hello Käthe 𝄞\n"


@EVERY
def test_two_questions_in_nested_functions(kernel: Kernel) -> None:
    cell = kernel.begin(
        "def ask(n):\n    return (lambda: input(f'{n}? '))()\nprint(ask(1) + ask(2))"
    )
    kernel.question(cell)
    kernel.answer(cell, "a")
    assert kernel.question(cell, 2)["prompt"] == "2? "
    kernel.answer(cell, "b")
    assert kernel.finish(cell).text == "ab\n"


@EVERY
def test_a_hundred_questions(kernel: Kernel) -> None:
    cell = kernel.begin("print([input() for _ in range(100)] == [str(n) for n in range(100)])")
    for number in range(100):
        kernel.question(cell, number + 1)
        kernel.answer(cell, str(number))
    assert kernel.finish(cell).text == "True\n"


@EVERY
def test_a_long_answer(kernel: Kernel) -> None:
    """Longer than what is shared at once, cut within characters."""
    cell = kernel.begin("s = input()\nprint(len(s), set(s), s.strip('ä€') == '')")
    kernel.question(cell)
    kernel.answer(cell, "ä€" * 100_000)
    assert kernel.finish(cell).text.startswith("200000 ")


@EVERY
def test_output_comes_before_the_question(kernel: Kernel) -> None:
    cell = kernel.begin("print('before')\ninput()\nprint('after')")
    kernel.question(cell)
    kernel.said(cell, "before")
    kernel.answer(cell, "")
    assert kernel.finish(cell).text == "before\nafter\n"


@EVERY
def test_getpass(kernel: Kernel) -> None:
    cell = kernel.begin("import getpass\nprint(len(getpass.getpass('secret: ')))")
    assert kernel.question(cell) == {"prompt": "secret: ", "password": True}
    kernel.answer(cell, "abc")
    assert kernel.finish(cell).text == "3\n"


@EVERY
def test_readline(kernel: Kernel) -> None:
    cell = kernel.begin("import sys\nprint(repr(sys.stdin.readline()))")
    kernel.question(cell)
    kernel.answer(cell, "line")
    assert kernel.finish(cell).text == "'line\\n'\n"


@EVERY
def test_end_of_file(kernel: Kernel) -> None:
    """Ctrl-D, as a line of its own."""
    cell = kernel.begin("input()")
    kernel.question(cell)
    kernel.answer(cell, "\x04")
    assert kernel.finish(cell).error == "EOFError"


@EVERY
def test_pdb(kernel: Kernel) -> None:
    cell = kernel.begin("def f(x):\n    import pdb; pdb.set_trace()\n    return x + 1\nf(41)")
    assert "Pdb" in kernel.question(cell)["prompt"]
    kernel.answer(cell, "p x * 2")
    kernel.question(cell, 2)
    kernel.answer(cell, "c")
    outcome = kernel.finish(cell)
    assert "82" in outcome.text
    assert outcome.value == "42"


@EVERY
def test_interrupt_while_it_waits(kernel: Kernel) -> None:
    cell = kernel.begin("input('stop me ')")
    kernel.question(cell)
    kernel.interrupt()
    assert kernel.finish(cell).error == "KeyboardInterrupt"
    again = kernel.begin("print(input())")
    kernel.question(again)
    kernel.answer(again, "still here")
    assert kernel.finish(again).text == "still here\n"


@EVERY
def test_an_answer_that_nobody_wants(kernel: Kernel) -> None:
    cell = kernel.begin("pass")
    kernel.finish(cell)
    kernel.answer(cell, "stray")
    asking = kernel.begin("print(input())")
    kernel.question(asking)
    kernel.answer(asking, "meant")
    assert kernel.finish(asking).text == "meant\n"


@EVERY
def test_restart_while_it_waits(kernel: Kernel) -> None:
    cell = kernel.begin("kept = 1\ninput()")
    kernel.question(cell)
    kernel.restart()
    assert kernel.run("kept").error == "NameError"
    again = kernel.begin("print(input())")
    kernel.question(again)
    kernel.answer(again, "new")
    assert kernel.finish(again).text == "new\n"


@EVERY
def test_a_client_that_allows_no_question(kernel: Kernel) -> None:
    assert kernel.run("input()", allow_stdin=False).error == "StdinNotImplementedError"


@on("plain-none")
def test_no_way_at_all(kernel: Kernel) -> None:
    outcome = kernel.run("input()")
    assert outcome.error == "StdinNotImplementedError"
    assert "Cross-Origin-Opener-Policy: same-origin" in outcome.traceback
    assert kernel.run("print(2)").text == "2\n"
