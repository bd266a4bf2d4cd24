"""The module of a worker is small: it has the docstrings that users ask for, and no others."""

import builtins
import inspect


def public(kind):
    """A class and its public methods and properties, less those that a function has made."""
    yield kind
    for name, value in vars(kind).items():
        value = value.fget if isinstance(value, property) else value
        if inspect.isfunction(value) and value.__qualname__ == f"{kind.__qualname__}.{name}":
            if not name.startswith("_"):
                yield value


async def test_magics_have_help(page):
    await page.run("1")
    from _carme.magics import table

    for kind, entries in table.kinds.items():
        for name, entry in entries.items():
            assert entry.load().__doc__, (kind, name)


async def test_what_cells_are_given_has_help(page):
    await page.run("1")
    from _carme.session import state

    for name in ("display", "clear_output", "input", "open", "exit", "quit"):
        value = state.namespace.get(name, getattr(builtins, name, None))
        assert inspect.getdoc(value), name
    from _carme.stand_in import events, interactive_shell

    kinds = (
        events.Events, interactive_shell.Kernel, interactive_shell.Session,
        interactive_shell.ZMQInteractiveShell,
    )  # fmt: skip
    for kind in kinds:
        for each in public(kind):
            assert each.__doc__, each


async def test_display_objects_have_help(page):
    await page.run("1")
    from _carme.magics.system import commands
    from _carme.stand_in import ipython_display

    found = [getattr(ipython_display, name) for name in ipython_display.__all__]
    found = [each for each in found if "<locals>" not in each.__qualname__]  # display_html and kin
    for value in [*found, commands.Lines, commands.Text]:
        for each in public(value) if inspect.isclass(value) else [value]:
            assert each.__doc__, each


async def test_other_functions_have_none(page):
    await page.run("1")
    from _carme.display import bundles
    from _carme.syntax import cell_compiler

    for module in (bundles, cell_compiler):
        assert not module.__doc__
        assert not any(each.__doc__ for each in vars(module).values() if inspect.isfunction(each))
