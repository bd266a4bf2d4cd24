"""What IPython's tests find as their shell: its methods are requests to a kernel.

Tests that need the shell's own objects in their process fail under each kernel; what passes under
ipykernel can answer.
"""

from __future__ import annotations

import ast
import base64
import os
import pickle
from collections.abc import Iterator
from typing import Any

from conformance.ipython.client import KernelClient

SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")
MAIN = "__import__('__main__').__dict__"
VALUE = "__asked_value"  # in the kernel: what a line magic has returned


class Result:
    """IPython's ExecutionResult, as far as tests look at it."""

    def __init__(self, error: BaseException | None, is_syntax: bool, result: Any) -> None:
        """The error was one of syntax, or came when the cell ran."""
        self.error_before_exec = error if is_syntax else None
        self.error_in_exec = None if is_syntax else error
        self.result, self.success = result, error is None

    def raise_error(self) -> None:
        """Raises it, if there is one."""
        error = self.error_before_exec or self.error_in_exec
        if error is not None:
            raise error


class Namespace:
    """The namespace of the kernel's cells."""

    def __init__(self, client: KernelClient) -> None:
        """Of this kernel."""
        self.client = client

    def __contains__(self, name: str) -> bool:
        return bool(self.client.value(f"{name!r} in {MAIN}"))

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        return self.client.value(f"{MAIN}[{name!r}]")

    def __setitem__(self, name: str, value: Any) -> None:
        text = base64.b64encode(pickle.dumps(value)).decode()
        decoded = f"__import__('base64').b64decode({text!r})"
        self.client.run(f"{MAIN}[{name!r}] = __import__('pickle').loads({decoded})")

    def __delitem__(self, name: str) -> None:
        self.client.run(f"del {MAIN}[{name!r}]")

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """All names."""
        return list(self.client.value(f"list({MAIN})"))

    def get(self, name: str, default: Any = None) -> Any:
        """As a dictionary's."""
        return self[name] if name in self else default

    def update(self, *values: Any, **named: Any) -> None:
        """As a dictionary's."""
        for name, value in dict(*values, **named).items():
            self[name] = value

    def pop(self, name: str, *default: Any) -> Any:
        """As a dictionary's; None for a value that can not be sent."""
        if name not in self:
            if default:
                return default[0]
            raise KeyError(name)
        try:
            value = self[name]
        except Exception:
            value = None
        del self[name]
        return value

    def clear(self) -> None:
        """Forgets the user's names."""
        self.client.execute("%reset -f")


class KernelShell:
    """The shell."""

    def __init__(self) -> None:
        """Its kernel starts with the first request."""
        self.client = KernelClient()
        self.user_ns = Namespace(self.client)
        self.execution_count = 1

    def send_directory(self) -> None:
        """The kernel's directory is this process's."""
        self.client.execute(f"__import__('os').chdir({os.getcwd()!r})", silent=True)

    def take_directory(self) -> None:
        """This process's directory is the kernel's."""
        try:
            os.chdir(self.client.value("__import__('os').getcwd()"))
        except Exception:
            pass

    def run_cell(
        self, raw_cell: str, store_history: bool = False, silent: bool = False, **options: Any
    ) -> Result:
        """A cell; its output is this process's."""
        self.send_directory()
        answer = self.client.execute(raw_cell, show=True, store=store_history, silent=silent)
        self.execution_count += store_history
        self.take_directory()
        is_syntax = answer.reply.get("ename") in SYNTAX_ERRORS
        return Result(answer.error(), is_syntax, literal(answer.result))

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """`%name line`; its value, where that can be sent."""
        self.send_directory()
        code = f"%{magic_name} {line}"
        if "\n" in line:
            code = f"get_ipython().run_line_magic({magic_name!r}, {line!r})"
        error = self.client.execute(f"{VALUE} = {code}", show=True).error()
        self.take_directory()
        if error is not None:
            raise error
        try:
            return self.client.value(f"{MAIN}[{VALUE!r}]")
        except Exception:
            return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """`%%name line` with the rest of the cell."""
        self.send_directory()
        answer = self.client.execute(f"%%{magic_name} {line}\n{cell}", show=True)
        error = answer.error()
        if error is not None:
            raise error
        return literal(answer.result)

    def magic(self, arg_s: str) -> Any:
        """A line magic, written as one text."""
        name, _, rest = arg_s.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def ex(self, cmd: str) -> None:
        """Runs code; whatever it raises."""
        self.run_cell(cmd).raise_error()

    def ev(self, expr: str) -> Any:
        """The value of an expression."""
        return self.client.value(expr)

    def push(self, variables: dict[str, Any], interactive: bool = True) -> None:
        """Puts variables into the namespace."""
        if not isinstance(variables, dict):
            raise NotImplementedError("only dictionaries can be sent")
        self.user_ns.update(variables)

    def complete(
        self, text: str, line: str | None = None, cursor_pos: int | None = None
    ) -> tuple[str, list[str]]:
        """What a tab gives: the text that is completed, and the matches."""
        line = text if line is None else line
        found = self.client.request(
            "complete", line, len(line) if cursor_pos is None else cursor_pos
        )
        return line[found["cursor_start"] : found["cursor_end"]], found["matches"]

    def object_inspect(self, oname: str, detail_level: int = 0) -> dict[str, Any]:
        """inspect_reply's content."""
        return self.client.request("inspect", oname, detail_level=detail_level)

    def transform_cell(self, raw_cell: str) -> str:
        """A cell as Python."""
        return str(self.client.value(f"get_ipython().transform_cell({raw_cell!r})"))

    def is_complete(self, code: str) -> dict[str, Any]:
        """is_complete_reply's content."""
        return self.client.request("is_complete", code)

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`x = !cmd`."""
        self.send_directory()
        self.client.run(f"{VALUE} = get_ipython().getoutput({cmd!r}, split={split!r})")
        return self.client.value(f"{'list' if split else 'str'}({VALUE})")

    def system(self, cmd: str) -> None:
        """`!cmd`."""
        self.run_cell("!" + cmd)

    system_raw = system_piped = system

    def var_expand(self, cmd: str, depth: int = 0) -> str:
        """The text with the values of `{expression}` and `$name`."""
        return str(self.client.value(f"get_ipython().var_expand({cmd!r})"))

    def reset(self, *values: Any, **options: Any) -> None:
        """Forgets the user's names."""
        self.user_ns.clear()

    def interrupt(self) -> None:
        """As the stop button does."""
        self.client.manager.interrupt_kernel()

    def close(self) -> None:
        """Ends the kernel."""
        self.client.close()


def literal(text: str | None) -> Any:
    """A result by its text; the text where that is no literal."""
    try:
        return ast.literal_eval(text or "None")
    except (SyntaxError, ValueError):
        return text
