"""Results that are more than text: methods for MIME types, and their errors."""

from __future__ import annotations

from harness.client import Client


class TestRich:
    """Results that are more than text."""

    def test_methods(self, client: Client) -> None:
        code = """
class Rich:
    def __repr__(self): return 'plain'
    def _repr_html_(self): return '<i>h</i>'
    def _repr_svg_(self): return '<svg/>'
    def _repr_png_(self): return b'\\x89PNG\\r\\n'
    def _repr_jpeg_(self): return b'\\xff\\xd8\\xff'
    def _repr_latex_(self): return '$x$'
    def _repr_markdown_(self): return '*m*'
    def _repr_json_(self): return {'a': [1]}
    def _repr_javascript_(self): return 'alert(1)'
    def _repr_pdf_(self): return b'%PDF'
Rich()
"""
        data = client.run(code).data
        assert data == {
            "text/plain": "plain",
            "text/html": "<i>h</i>",
            "image/svg+xml": "<svg/>",
            "image/png": data["image/png"],
            "image/jpeg": data["image/jpeg"],
            "text/latex": "$x$",
            "text/markdown": "*m*",
            "application/json": {"a": [1]},
            "application/javascript": "alert(1)",
            "application/pdf": data["application/pdf"],
        }
        assert data["image/png"].strip() == "iVBORw0K"
        assert data["image/jpeg"].strip() == "/9j/"

    def test_none_means_no_such_form(self, client: Client) -> None:
        code = "class N:\n    def _repr_html_(self): return None\nN()"
        assert list(client.run(code).data) == ["text/plain"]

    def test_metadata(self, client: Client) -> None:
        code = "class M:\n    def _repr_png_(self): return b'p', {'width': 5}\nM()"
        cell = client.run(code)
        result = next(m for m in cell.iopub if m.type == "execute_result")
        assert result.content["metadata"] == {"image/png": {"width": 5}}
        assert result.content["data"]["image/png"].strip() == "cA=="

    def test_mimebundle(self, client: Client) -> None:
        code = """
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {'text/plain': 'p', 'application/x-own+json': {'n': [1, None]}}, {'text/plain': {'k': 1}}
Bundle()
"""
        cell = client.run(code)
        result = next(m for m in cell.iopub if m.type == "execute_result")
        assert result.content["data"]["text/plain"] == "p"
        assert result.content["data"]["application/x-own+json"] == {"n": [1, None]}
        assert result.content["metadata"]["text/plain"] == {"k": 1}

    def test_class_is_not_asked_for_its_form(self, client: Client) -> None:
        code = "class Shown:\n    def _repr_html_(self): return 'x'\nShown"
        assert list(client.run(code).data) == ["text/plain"]

    def test_anything_goes_object_is_plain(self, client: Client) -> None:
        code = "class Any:\n    def __getattr__(self, name): return lambda *a, **k: 5\nAny()"
        assert "text/plain" in client.run(code).data

    def test_failing_form_leaves_the_others(self, client: Client) -> None:
        code = (
            "class F:\n    def _repr_html_(self): 1/0\n    def __repr__(self): return 'still'\nF()"
        )
        cell = client.execute(code)
        assert cell.data == {"text/plain": "still"}
        assert cell.error == "ZeroDivisionError"
        assert client.run("1").result == "1"

    def test_a_huge_text_is_cut(self, client: Client) -> None:
        """A result is for the eye; what print() writes is not cut."""
        for code, size in (("'x' * 200_000_000", 200_000_000), ("b'y' * 20_000_000", 20_000_000)):
            shown = client.run(code).data["text/plain"]
            assert len(shown) < 11_000_000
            assert f"the first 10,000,000 of {size:,}" in shown[-300:]
        client.run("%env CARME_DISPLAY_MAX=30000000")
        assert len(client.run("'x' * 20_000_000").data["text/plain"]) == 20_000_002
        client.run("import os; del os.environ['CARME_DISPLAY_MAX']")

    def test_failing_form_of_a_display(self, client: Client) -> None:
        """Its error is shown; the cell goes on."""
        client.run("class F:\n    def _repr_html_(self): 1/0")
        request = client.send_execute("display(F())\nprint('on')")
        assert client.reply(request).content["status"] == "ok"
        kinds = [m.type for m in client.until_idle(request)]
        assert kinds == ["status", "execute_input", "error", "display_data", "stream", "status"]

    def test_nan_is_no_json_number(self, client: Client) -> None:
        code = "class J:\n    def _repr_json_(self): return {'x': float('nan')}\nJ()"
        cell = client.execute(code)
        assert cell.status in ("ok", "error")
        assert b"NaN" not in b"".join(b"".join(m.parts) for m in cell.iopub)
