"""The checker finds what is planted in Python, with its names and its line, and no more."""

import pytest


def test_an_import_against_the_order(tree):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", "import sys\nfrom _carme.run import cells\n")
    tree.finds(
        "lib/_carme/session/state.py:2: session/state imports run/cells: against the order",
        "lib/_carme/session/state.py:2: session/state imports run/cells: a leaf imports leaves only",
    )


UPWARDS = {
    "in a function": "def f():\n    from _carme.run import cells\n",
    "of a name": "def f():\n    from _carme.run.cells import run\n",
    "as": "def f():\n    import _carme.run.cells as c\n",
    "relative": "def f():\n    from ..run import cells\n",
    "by import_module": "def f():\n    import_module('_carme.run.cells')\n",
    "of sys.modules": "import sys\nx = sys.modules.get('_carme.run.cells')\n",
    "in code in a string": "\nx = '''\nfrom _carme.run.cells import x'''\n",
    "by the half of a name": "x = 'cells'\nimport_module('_carme.run.' + x)\n",
    "in an f-string": "\nimport_module(f'_carme.run.{x}')\n",
}


@pytest.mark.parametrize("text", UPWARDS.values(), ids=UPWARDS)
def test_each_way_to_import(tree, text):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", text)
    tree.finds("lib/_carme/session/state.py:2: session/state ", " run/cells: against the order")


NO_IMPORT = {
    "type checking": "if TYPE_CHECKING:\n    from _carme.run import cells\n",
    "a docstring": "def f():\n    '''As _carme.run.cells does.'''\n",
    "a comment": "x = 1  # _carme.run.cells\n",
    "the native module": "import _carme\n_carme.publish()\nx = '_carme.publish'\n",
    "another package": "from carme.run import cells\nfrom run import cells\n",
}


@pytest.mark.parametrize("text", NO_IMPORT.values(), ids=NO_IMPORT)
def test_what_is_no_import(tree, text):
    tree.add("lib/_carme/run/cells.py", "")
    tree.add("lib/_carme/session/state.py", text)
    tree.is_clean()


def test_a_circle_through_a_function(tree):
    tree.add("lib/_carme/run/one.py", "from _carme.run import two\n")
    tree.add("lib/_carme/run/two.py", "def f():\n    from _carme.run.one import g\n")
    tree.finds(
        "circle of 2: run/one run/two",
        "lib/_carme/run/one.py:1: run/one imports run/two",
        "lib/_carme/run/two.py:2: run/two imports run/one",
    )


def test_a_circle_of_three_is_told_as_one_way(tree):
    tree.add("lib/_carme/run/one.py", "from _carme.run import two\n")
    tree.add("lib/_carme/run/two.py", "from _carme import three\n")
    tree.add("lib/_carme/three.py", "from _carme.run import one\n")
    tree.finds("circle of 3: run/one run/two three", "run/two.py:1: run/two imports three: against")
    _, out, _ = tree.check("--pending", "Python:order,Python:line")
    assert out.count(" imports ") == 3


def test_a_package_is_what_it_has_and_its_modules_are_others(tree):
    tree.add("lib/_carme/run/__init__.py", "from _carme.run import cells\nNAME = 1\n")
    tree.add("lib/_carme/run/cells.py", "from _carme.run import NAME\n")
    tree.finds("circle of 2: run/__init__ run/cells")
    tree.add("lib/_carme/run/cells.py", "")
    tree.is_clean()


def test_a_name_that_no_module_has(tree):
    tree.add("lib/_carme/run/cells.py", "import sys\nX = 1\n'_carme.run.cell' in sys.modules\n")
    tree.add("low/a.c", '#include "low/a.h"\nconst char *const name = "_carme.running";\n')
    tree.finds(
        "lib/_carme/run/cells.py:3: there is no _carme.run.cell\n",
        "low/a.c:2: there is no _carme.running\n",
    )


@pytest.mark.parametrize("name", ["run", "run.cells", "run.cells.X", "publish", "other"])
def test_a_name_that_is_there(tree, name):
    tree.state("name _carme.other: embedded as well")
    tree.add("lib/_carme/run/cells.py", f"X = '_carme.{name}'\n")
    tree.is_clean()
