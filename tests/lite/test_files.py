"""JupyterLite's files and open(): the same files."""

from __future__ import annotations

from lite.conftest import Kernels, on
from lite.kernel import Kernel

BOTH = on("isolated-shared", "plain-serviceworker")


def saved(kernel: Kernel, path: str) -> str:
    """What the file browser would open."""
    return str(
        kernel.page.evaluate(
            "async (path) => (await window.carmeTest.manager().contents.get(path, { content: true, format: 'text' })).content",
            path,
        )
    )


@BOTH
def test_read(kernel: Kernel) -> None:
    assert (
        kernel.run("print(open('greeting.txt', encoding='utf-8').read())").text == "grüß Gott\n\n"
    )
    assert kernel.value("list(open('data.bin', 'rb').read()) == list(range(256))")
    assert kernel.value("open('folder/inner.txt').read()") == "inside\n"
    assert kernel.run("open('nowhere.txt')").error == "FileNotFoundError"


@BOTH
def test_list(kernel: Kernel) -> None:
    found = kernel.value("sorted(__import__('os').listdir('.'))")
    assert {"greeting.txt", "folder"} <= set(found)
    assert kernel.value("__import__('os').getcwd()") == "/drive"
    assert kernel.value("__import__('os').path.isdir('folder')")


@BOTH
def test_write(kernel: Kernel) -> None:
    kernel.run("with open('written.txt', 'w') as f:\n    f.write('by a cell ä')")
    assert saved(kernel, "written.txt") == "by a cell ä"
    kernel.run("with open('written.txt', 'a') as f:\n    f.write('!')")
    assert kernel.value("open('written.txt').read()") == "by a cell ä!"
    kernel.run("import os; os.rename('written.txt', 'renamed.txt')")
    assert saved(kernel, "renamed.txt") == "by a cell ä!"
    kernel.run("os.remove('renamed.txt')")
    assert kernel.run("open('renamed.txt')").error == "FileNotFoundError"


@BOTH
def test_a_large_file(kernel: Kernel) -> None:
    """Longer than what page and worker share at once."""
    kernel.run("with open('large.txt', 'w') as f:\n    f.write('0123456789' * 50_000)")
    assert kernel.value("open('large.txt').read() == '0123456789' * 50_000")
    kernel.run("import os; os.remove('large.txt')")


@BOTH
def test_a_module_written_after_the_first_import(kernel: Kernel) -> None:
    kernel.run("with open('one.py', 'w') as f:\n    f.write('x = 1')\nimport one")
    kernel.run("with open('two.py', 'w') as f:\n    f.write('x = 2')")
    assert kernel.run("import two\nprint(one.x + two.x)").text == "3\n"


@BOTH
def test_files_outlive_a_restart(kernel: Kernel) -> None:
    kernel.run("with open('kept.txt', 'w') as f:\n    f.write('kept')")
    kernel.restart()
    assert kernel.value("open('kept.txt').read()") == "kept"


@BOTH
def test_a_notebook_in_a_folder_starts_there(kernel: Kernel) -> None:
    inner = Kernel(kernel.page, "folder/inner.ipynb")
    assert inner.value("open('inner.txt').read()") == "inside\n"
    assert inner.run("import helper\nprint(helper.answer)").text == "42\n"


def test_without_a_way_files_say_so(kernels: Kernels) -> None:
    kernel = kernels.get("plain-none")
    assert kernel.run("open('greeting.txt')").error == "FileNotFoundError"
