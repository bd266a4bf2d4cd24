"""complete.complete() of objects whose methods raise, change things or give nonsense."""

import pytest
from _carme.help.completion.completer import complete

pytestmark = pytest.mark.usefixtures("without_jedi")


def matches(code, namespace):
    return complete(code, len(code), namespace)["matches"]


HOSTILE = """
class Hostile:
    "Raises whatever is asked of it."

    def __dir__(self):
        raise SystemExit

    def __getattr__(self, name):
        raise SystemExit

    def __repr__(self):
        raise SystemExit

    def __eq__(self, other):
        raise SystemExit

    __hash__ = None

    @property
    def __class__(self):
        raise SystemExit

class HostileMeta(type):
    def __getattribute__(cls, name):
        raise SystemExit

    def __dir__(cls):
        raise SystemExit

    def __eq__(cls, other):
        raise SystemExit

    def __hash__(cls):
        raise SystemExit

class HostileClass(metaclass=HostileMeta):
    pass
"""


def hostile():
    """Return the classes above; pytest would trip over them in the module itself."""
    names = {"__name__": __name__}
    exec(HOSTILE, names)
    return names["Hostile"], names["HostileClass"]


class BadKeys(dict):
    def keys(self):
        raise SystemExit

    def __iter__(self):
        raise SystemExit


class BadCompletions:
    def _ipython_key_completions_(self):
        raise SystemExit


@pytest.mark.parametrize(
    "code", ["h.", "h.x.", "h[", "h['", "h(", "c.", "c(", "c[", "k['", "b['", "", "h", "import h."]
)
def test_hostile_objects_are_contained(code):
    cls, meta = hostile()
    namespace = {
        "h": cls(),
        "c": meta,
        "k": BadKeys(key=1),
        "b": BadCompletions(),
        3: "not a name",
    }
    assert complete(code, len(code), namespace)["status"] == "ok"


def test_broken_dir_leaves_the_class():
    class Broken:
        known = 1

        def __dir__(self):
            raise ValueError

    assert matches("b.kn", {"b": Broken()}) == ["known"]


def test_dir_that_gives_anything():
    class Odd:
        def __dir__(self):
            return [1, None, "fine"]

    assert "fine" in matches("o.", {"o": Odd()}) or matches("o.", {"o": Odd()}) == []


def test_overridden_keys_are_not_needed():
    assert matches("k['ke", {"k": BadKeys(key=1)}) == ["key"]


def test_defaultdict_is_not_filled():
    import collections

    value = collections.defaultdict(list)
    assert matches("v['x'].", {"v": value}) == []
    assert not value


def test_interrupt_gets_out():
    class Interrupted:
        def __dir__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        complete("i.", 2, {"i": Interrupted()})


def test_namespace_that_changes_meanwhile():
    class Changing:
        def __dir__(self):
            namespace["more" + str(len(namespace))] = 1
            return ["one"]

    namespace = {"c": Changing()}
    assert complete("c.", 2, namespace)["status"] == "ok"
