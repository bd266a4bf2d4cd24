"""dependency-injector: classes in Cython, with none of the attributes that Python's have."""

from __future__ import annotations

import pytest

from harness.client import Client
from harness.kernels import Kernel

SETUP = """
from dependency_injector import containers, providers
class Service:
    def __init__(self, name, size=3): self.name, self.size = name, size
class Container(containers.DeclarativeContainer):
    config = providers.Configuration()
    service = providers.Factory(Service, name=config.name)
    single = providers.Singleton(Service, name='one')
container = Container(config={'name': '이름'})
factory = container.service
"""


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client whose cells have a container."""
    made = kernel.client()
    made.run(SETUP)
    return made


def test_dependency_injector_provides(client: Client) -> None:
    assert client.run("factory().name, container.single() is container.single()").result == (
        "('이름', True)"
    )


@pytest.mark.parametrize("shown", ["factory", "container", "providers.Factory", "container.config"])
def test_dependency_injector_inspect(client: Client, shown: str) -> None:
    for level in (0, 1):
        content = {"code": shown, "cursor_pos": len(shown), "detail_level": level}
        reply = client.ask("inspect_request", content)
        assert reply.content["status"] == "ok"
        assert reply.content["found"] is True
        assert "providers" in reply.content["data"]["text/plain"] or shown == "container"


def test_dependency_injector_question_mark(client: Client) -> None:
    cell = client.execute("factory?")
    assert cell.status == "ok"
    texts = [page["data"]["text/plain"] for page in cell.reply.content["payload"]]
    assert any("Factory" in text for text in texts)


def test_dependency_injector_completion(client: Client) -> None:
    for code, wanted in (
        ("factory.", "add_kwargs"),
        ("container.", "service"),
        ("providers.Fac", "Factory"),
    ):
        content = {"code": code, "cursor_pos": len(code)}
        matches = client.ask("complete_request", content).content["matches"]
        assert any(match.endswith(wanted) for match in matches), matches


def test_dependency_injector_pretty(client: Client) -> None:
    cell = client.run("factory")
    assert cell.result is not None and "Factory" in cell.result
    cell = client.run("{'many': [factory] * 30}")
    assert cell.result is not None and cell.result.count("Factory") == 30


def test_dependency_injector_pickling(client: Client) -> None:
    code = """
import pickle, copy
copied = pickle.loads(pickle.dumps(factory()))
again = copy.deepcopy(factory)
(type(copied) is Service, copied.name, type(again) is type(factory), again is factory)
"""
    assert client.run(code).result == "(True, '이름', True, False)"


def test_dependency_injector_error(client: Client) -> None:
    cell = client.execute("providers.Factory(Service)()")
    assert cell.error == "TypeError"
    assert "missing 1 required positional argument: 'name'" in cell.traceback
