"""jupyter_kernel_test under each of the Pythons, with every attribute filled: nothing is skipped."""

from __future__ import annotations

import inspect

import jupyter_kernel_test as suite

from harness.kernels import few_pythons
from harness.kernelspecs import own_name

CLEAR = """
try:
    clear_output
except NameError:
    from IPython.display import clear_output
clear_output()
"""


class Filled(suite.KernelTests):
    """What the suite wants to know of a kernel for Python."""

    __test__ = False
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys\nprint('test', file=sys.stderr)"
    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": "import collec", "matches": {"collections"}},
        {"text": "raise NotImpl", "matches": {"NotImplemented", "NotImplementedError"}},
    ]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n", "a; b"]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2", "[1,", "if 1:"]
    invalid_code_samples = ["import = 7q", "a b", ")", "raise = 2"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('generated')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
        {
            "code": "class H:\n    def _repr_html_(self): return '<b>h</b>'\nH()",
            "mime": "text/html",
            "result": "<b>h</b>",
        },
    ]
    code_display_data = [
        {
            "code": "class P:\n    def _repr_png_(self): return b'\\x89PNG'\ndisplay(P())",
            "mime": "image/png",
        },
        {
            "code": "class S:\n    def _repr_svg_(self): return '<svg/>'\ndisplay(S())",
            "mime": "image/svg+xml",
        },
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = CLEAR


class Welcomed(suite.IopubWelcomeTests):
    """The message that greets a subscriber."""

    __test__ = False
    support_iopub_welcome = True


# unittest's classes take no parameters: one class for each Python
for _python in few_pythons():
    for _base in (Filled, Welcomed):
        _name = f"Test{_base.__name__}_{_python.label}"
        _members = {"__test__": True, "kernel_name": own_name(_python.label)}
        globals()[_name] = type(_name, (_base,), _members)


def test_everything_is_filled() -> None:
    """Each attribute that makes the suite skip while it is empty."""
    assert suite.__version__ == "0.7.0"
    for asked, filled in ((suite.KernelTests, Filled), (suite.IopubWelcomeTests, Welcomed)):
        for name, default in vars(asked).items():
            unset = default in ("", [], (), False)
            if not name.startswith("_") and not inspect.isroutine(default) and unset:
                assert name in vars(filled), f"{name} is empty"
