"""injector: what a cell's annotations ask for is found, also when they are texts."""

from __future__ import annotations

import pytest

from harness.client import Client
from harness.kernels import Kernel

SETUP = """
from __future__ import annotations
import threading
from injector import Injector, Module, inject, provider, singleton, threadlocal
class Settings:
    def __init__(self, name: str) -> None: self.name = name
class Source: pass
class Wiring(Module):
    @singleton
    @provider
    def settings(self) -> Settings: return Settings('이름')
    @threadlocal
    @provider
    def source(self) -> Source: return Source()
"""
SERVICE = """
class Service:
    @inject
    def __init__(self, settings: Settings, source: Source) -> None:
        self.settings, self.source = settings, source
injector = Injector(Wiring())
"""


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client whose cells have an injector: classes and annotations in different cells."""
    made = kernel.client()
    for code in (SETUP, SERVICE):
        made.run(code)
    return made


def test_injector_provides(client: Client) -> None:
    code = (
        "first, second = injector.get(Service), injector.get(Service)\n"
        "first.settings.name, first is second, first.settings is second.settings"
    )
    assert client.run(code).result == "('이름', False, True)"


def test_injector_after_a_class_is_made_anew(client: Client) -> None:
    """Annotations mean what the names mean by then."""
    client.run(SERVICE)
    client.run("class Other(Service): pass")
    assert client.run("injector.get(Other).settings.name").result == "'이름'"


def test_injector_in_threads(client: Client) -> None:
    code = """
found = {}
def work(name):
    print(name)
    found[name] = injector.get(Source)
threads = [threading.Thread(target=work, args=(name,)) for name in 'ab']
for thread in threads: thread.start()
for thread in threads: thread.join()
found['a'] is found['b'], injector.get(Source) is injector.get(Source)
"""
    cell = client.run(code)
    assert cell.result == "(False, True)"
    assert sorted(cell.stdout.split()) == ["a", "b"]


def test_injector_error(client: Client) -> None:
    code = (
        "class Needs:\n    @inject\n    def __init__(self, number: int, missing: Missing): pass\n"
        "class Missing: \n    @inject\n    def __init__(self, wanted: 'Nowhere'): pass\n"
        "injector.get(Needs)"
    )
    cell = client.execute(code)
    assert cell.error == "_BindingNotYetAvailable"
    assert "Nowhere" in cell.traceback
    client.is_well()
