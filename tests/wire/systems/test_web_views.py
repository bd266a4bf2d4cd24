"""What web frameworks' test clients give a cell to look at, and errors with a form of their own."""

from __future__ import annotations

import json

import pytest

from harness.cell import plain
from harness.client import SLOW, Client
from harness.kernels import Kernel
from harness.until import until

TIMEOUT = 30 * SLOW
SETUP = """
import sys
if 'ninja' not in sys.modules:
    import django
    from django.conf import settings
    settings.configure(
        SECRET_KEY='x', ROOT_URLCONF='__main__', ALLOWED_HOSTS=['*'],
        MIDDLEWARE=['django_htmx.middleware.HtmxMiddleware'],
        INSTALLED_APPS=['django_htmx'],
        TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates'}],
    )
    django.setup()
    from ninja import NinjaAPI, Schema
    from ninja.testing import TestClient
    class Item(Schema):
        name: str
        price: float = 1.5
    api = NinjaAPI()
    @api.get('/add')
    def add(request, a: int, b: int):
        return {'sum': a + b}
    @api.post('/items', response=Item)
    def make(request, item: Item):
        return item
    @api.get('/later')
    async def later(request):
        import asyncio
        await asyncio.sleep(0)
        return {'later': True}
    from django.http import HttpResponse
    def page(request):
        return HttpResponse(
            '<button hx-post="/clicked" hx-swap="outerHTML" hx-on::after-request="go()">'
            f'{bool(request.htmx)}</button><div hx-swap-oob="true" id="side">⇄</div>')
    from django.urls import path
    urlpatterns = [path('page', page)]
"""
BUTTON = '<button hx-post="/clicked" hx-swap="outerHTML" hx-on::after-request="go()">True</button>'


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client whose cells have a ninja API and a page for htmx."""
    made = kernel.client()
    made.run(SETUP, timeout=TIMEOUT)
    return made


def test_django_ninja_test_client(client: Client) -> None:
    cell = client.run("answer = TestClient(api).get('/add?a=3&b=4')\nanswer.json()")
    assert cell.result == "{'sum': 7}"
    code = "TestClient(api).post('/items', json={'name': '사과'}).json()"
    assert client.run(code).result == "{'name': '사과', 'price': 1.5}"
    assert client.run("TestClient(api).get('/add?a=x&b=4').status_code").result == "422"


def test_django_ninja_async_test_client(client: Client) -> None:
    code = (
        "from ninja.testing import TestAsyncClient\n"
        "(await TestAsyncClient(api).get('/later')).json()"
    )
    assert client.run(code).result == "{'later': True}"


@pytest.mark.better("jedi knows the type of no method of it")
def test_django_ninja_completion_has_types(client: Client) -> None:
    asked = {"code": "api.", "cursor_pos": 4}
    found: list[dict[str, str]] = until(  # a busy machine's jedi misses an answer's 150 ms
        lambda: client.ask("complete_request", asked, timeout=TIMEOUT).content["metadata"][
            "_jupyter_types_experimental"
        ],
        "types",
    )
    types = {each["text"].removeprefix("api."): each["type"] for each in found}
    assert types["add_router"] == "function"
    assert types["title"] == "instance"


def test_django_ninja_openapi_as_json(client: Client) -> None:
    code = (
        "import json\n"
        "body = json.loads(json.dumps(api.get_openapi_schema(path_prefix='/api/'), default=str))\n"
        "display({'application/json': body}, raw=True, metadata={'application/json': {'expanded': True}})"
    )
    shown = [m.content for m in client.run(code).iopub if m.type == "display_data"]
    schema = shown[0]["data"]["application/json"]
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == {"/api/add", "/api/items", "/api/later"}
    assert shown[0]["metadata"] == {"application/json": {"expanded": True}}


def test_django_htmx_html_is_shown_as_it_is(client: Client) -> None:
    code = (
        "from django.test import Client\n"
        "answer = Client().get('/page', headers={'HX-Request': 'true'})\n"
        "class Html:\n    def _repr_html_(self): return answer.content.decode()\n"
        "display(Html())"
    )
    cell = client.run(code, timeout=TIMEOUT)
    shown = [m.content["data"]["text/html"] for m in cell.iopub if m.type == "display_data"]
    assert shown == [BUTTON + '<div hx-swap-oob="true" id="side">⇄</div>']


def test_hal_json_mimebundle(client: Client) -> None:
    code = """
class Order:
    def _repr_mimebundle_(self, include=None, exclude=None):
        body = {'_links': {'self': {'href': '/orders/1'}}, 'total': 30.5, 'ok': None, '이름': '주문'}
        return {'application/json': body, 'application/hal+json': body, 'text/plain': 'Order 1'}
Order()
"""
    data = client.run(code).data
    assert data["application/json"] == data["application/hal+json"]
    assert data["application/json"]["_links"] == {"self": {"href": "/orders/1"}}
    assert json.dumps(data["application/json"]["이름"], ensure_ascii=False) == '"주문"'


HTML_ERROR = """
class PageError(Exception):
    def _repr_html_(self):
        return f'<h1>오류: {self.args[0]}</h1>'
"""


def test_exception_with_repr_html_as_a_result(client: Client) -> None:
    cell = client.run(HTML_ERROR + "PageError('데이터베이스 연결 실패')")
    assert cell.data["text/html"] == "<h1>오류: 데이터베이스 연결 실패</h1>"
    assert cell.result is not None and "PageError('데이터베이스 연결 실패')" in cell.result


def test_exception_with_korean_text(client: Client) -> None:
    cell = client.execute(HTML_ERROR + "raise PageError('데이터베이스 연결 실패')")
    assert cell.error == "PageError"
    assert cell.reply.content["evalue"] == "데이터베이스 연결 실패"
    text = plain(cell.traceback)
    assert "PageError: 데이터베이스 연결 실패" in text
    assert "raise PageError('데이터베이스 연결 실패')" in text


def test_exception_with_a_broken_repr_html(client: Client) -> None:
    code = (
        "class Broken(Exception):\n    def _repr_html_(self): raise ValueError('in the form')\n"
        "raise Broken('그래도')"
    )
    cell = client.execute(code)
    assert (cell.error, cell.reply.content["evalue"]) == ("Broken", "그래도")
