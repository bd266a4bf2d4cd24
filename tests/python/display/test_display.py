"""bundles.bundle() and bundles.displays_itself()."""

import sys
import types
from unittest import mock

import pytest
from _carme.display.bundles import bundle, displays_itself
from _carme.errors import report, tracebacks


class Html:
    def _repr_html_(self):
        return "<b>x</b>"

    def __repr__(self):
        return "plain"


@pytest.fixture(autouse=True)
def errors_on_stderr(monkeypatch):
    """What a method raises goes to stderr: no cell runs."""

    def write(error):
        sys.stderr.write(
            "\n".join(tracebacks.format_error(type(error), error, error.__traceback__, {})[2])
        )

    monkeypatch.setattr(report, "report_display_error", write)


def with_methods(**methods):
    """Return an object of a class with these methods, each giving or raising its value."""

    def method(value):
        def call(self, **kwargs):
            if isinstance(value, BaseException):
                raise value
            return value

        return call

    members = {name: method(value) for name, value in methods.items()}
    members["__repr__"] = lambda self: "plain"
    return type("Rich", (), members)()


def test_text_only_types_have_no_other_representation():
    assert bundle([1, "a"]) == ({"text/plain": "[1, 'a']"}, {})
    assert bundle(None) == ({"text/plain": "None"}, {})


@pytest.mark.parametrize(
    ("method", "mime", "value"),
    [
        ("_repr_html_", "text/html", "<b>"),
        ("_repr_markdown_", "text/markdown", "# a"),
        ("_repr_svg_", "image/svg+xml", "<svg/>"),
        ("_repr_png_", "image/png", b"\x89PNG"),
        ("_repr_png_", "image/png", "iVBOR"),
        ("_repr_jpeg_", "image/jpeg", b"\xff\xd8"),
        ("_repr_pdf_", "application/pdf", b"%PDF"),
        ("_repr_latex_", "text/latex", "$a$"),
        ("_repr_json_", "application/json", {"a": 1}),
        ("_repr_json_", "application/json", [1]),
        ("_repr_javascript_", "application/javascript", "1"),
    ],
)
def test_each_method(method, mime, value):
    expected = {"text/plain": "plain", mime: value}
    assert bundle(with_methods(**{method: value})) == (expected, {})
    about = {"width": 3}
    assert bundle(with_methods(**{method: (value, about)})) == (expected, {mime: about})
    assert bundle(with_methods(**{method: None})) == ({"text/plain": "plain"}, {})
    absent = with_methods(**{method: NotImplementedError()})
    assert bundle(absent) == ({"text/plain": "plain"}, {})


def test_mimebundle_comes_first():
    both = with_methods(
        _repr_mimebundle_=({"text/html": "bundle", "x/y": 1, "no/ne": None}, {"x/y": {"m": 1}}),
        _repr_html_="method",
        _repr_latex_="$a$",
    )
    data, metadata = bundle(both)
    assert data == {"text/html": "bundle", "x/y": 1, "text/plain": "plain", "text/latex": "$a$"}
    assert metadata == {"x/y": {"m": 1}}
    assert bundle(with_methods(_repr_mimebundle_={"text/plain": "given"}))[0] == {
        "text/plain": "given"
    }


def test_mimebundle_is_not_changed():
    given = {"text/html": "x"}
    bundle(with_methods(_repr_mimebundle_=given, _repr_latex_="$"))
    assert given == {"text/html": "x"}


def test_mimebundle_is_asked_with_include_and_exclude():
    class Asked:
        def _repr_mimebundle_(self, include, exclude):
            return {"x/y": [include, exclude]}

    assert bundle(Asked())[0]["x/y"] == [None, None]


@pytest.mark.parametrize("error", [ValueError("broken html"), AssertionError()])
def test_method_that_raises_is_reported(error, capsys):
    data, metadata = bundle(with_methods(_repr_html_=error, _repr_latex_="$a$"))
    assert data == {"text/plain": "plain", "text/latex": "$a$"}
    assert metadata == {}
    assert type(error).__name__ in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupt_and_exit_get_out(error):
    with pytest.raises(error):
        bundle(with_methods(_repr_html_=error()))


@pytest.mark.parametrize("value", [3, (3, {}), object()])
def test_wrong_type_is_a_warning(value, capsys):
    assert bundle(with_methods(_repr_html_=value)) == ({"text/plain": "plain"}, {})
    assert "text/html formatter returned invalid type" in capsys.readouterr().err


def test_wrong_mimebundle_is_a_warning(capsys):
    assert bundle(with_methods(_repr_mimebundle_="x")) == ({"text/plain": "plain"}, {})
    assert "_repr_mimebundle_" in capsys.readouterr().err


def test_no_stderr_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert bundle(with_methods(_repr_html_=3))[0] == {"text/plain": "plain"}


def test_objects_that_answer_every_name_have_text_only():
    data, _ = bundle(mock.MagicMock())
    assert list(data) == ["text/plain"]
    assert not displays_itself(mock.MagicMock())


def test_attributes_that_raise_are_absent():
    class Hostile:
        def __getattr__(self, name):
            raise SystemError(name)

        def __repr__(self):
            return "hostile"

    assert bundle(Hostile()) == ({"text/plain": "hostile"}, {})


def test_instance_attribute_counts():
    value = types.SimpleNamespace(_repr_html_=lambda: "<i>")
    assert bundle(value)[0]["text/html"] == "<i>"


def test_classes_are_not_asked():
    data, _ = bundle(Html)
    assert list(data) == ["text/plain"]


def test_class_methods_are_asked():
    class Meta(type):
        def _repr_html_(cls):
            return "<class>"

    assert bundle(Meta("Cls", (), {}))[0]["text/html"] == "<class>"


def test_displays_itself():
    shown = []

    class Shows:
        def _ipython_display_(self):
            shown.append(1)

    assert displays_itself(Shows())
    assert shown == [1]
    assert not displays_itself(Html())
    assert not displays_itself(3)
    assert not displays_itself(Shows)


def test_display_that_raises_leaves_the_other_representations(capsys):
    assert not displays_itself(with_methods(_ipython_display_=ValueError("no show")))
    assert "no show" in capsys.readouterr().err


def same_as_ipython():
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    return formatters.DisplayFormatter()


@pytest.mark.parametrize(
    "value",
    [
        Html(),
        Html,
        3,
        with_methods(_repr_png_=(b"x", {"width": 1}), _repr_json_=([1], {"expanded": True})),
        with_methods(_repr_mimebundle_=({"text/html": "b"}, {"text/html": {"a": 1}})),
        mock.MagicMock(),
    ],
    ids=lambda v: type(v).__name__,
)
def test_same_as_ipython(value):
    assert bundle(value) == same_as_ipython().format(value)
