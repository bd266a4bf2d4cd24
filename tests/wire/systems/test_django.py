"""Django in cells: the ORM both ways, asgiref both ways, management commands, models that change."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.client import SLOW, Client
from harness.kernels import Kernel

TIMEOUT = 30 * SLOW
SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["blog"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "blog.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
MODELS = """
from django.db import models


class Entry(models.Model):
    title = models.CharField(max_length=80)

    def shout(self):
        return self.title.upper()
"""
# as django.setup() in a script; the guard lets every test of the file begin with it
SETUP = """
import os, sys
if 'blog' not in sys.modules:
    os.environ['DJANGO_SETTINGS_MODULE'] = 'site_settings'
    import django
    django.setup()
    from django.core.management import call_command
    from blog.models import Entry
"""
TABLE = """
import asyncio
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
def make_table():
    if Entry._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Entry)
        Entry.objects.create(title='first')
import threading
maker = threading.Thread(target=make_table); maker.start(); maker.join()
"""
UNSAFE = "Django says SynchronousOnlyOperation: a cell runs inside of a running loop there"
SAME_THREAD = "async_to_sync refuses a thread with a running loop"


def write_site(work: Path) -> None:
    """A project with one app, where the kernel's cells run."""
    app = work / "blog"
    if app.exists():
        return
    app.mkdir()
    (work / "site_settings.py").write_text(SETTINGS)
    (app / "__init__.py").write_text("")
    (app / "models.py").write_text(MODELS)


@pytest.fixture
def client(kernel: Kernel) -> Client:
    """A client in whose kernel Django is set up, with one Entry."""
    write_site(kernel.work)
    made = kernel.client()
    made.run(SETUP, timeout=TIMEOUT)
    made.run(TABLE, timeout=TIMEOUT)
    return made


@pytest.mark.better(UNSAFE)
def test_django_sync_orm(client: Client) -> None:
    assert client.run("Entry.objects.filter(title='first').count()").result == "1"
    cell = client.run("Entry.objects.get(title='first')")
    assert cell.result == "<Entry: Entry object (1)>"
    cell = client.run("await asyncio.sleep(0)\nawait Entry.objects.acount()")
    assert client.run("list(Entry.objects.values_list('title', flat=True))[0]").result == "'first'"


@pytest.mark.better(UNSAFE)
def test_django_sync_orm_queryset_as_a_result(client: Client) -> None:
    cell = client.run("Entry.objects.filter(title='first')")
    assert cell.result == "<QuerySet [<Entry: Entry object (1)>]>"


@pytest.mark.better(UNSAFE)
def test_django_sync_orm_in_a_transaction(client: Client) -> None:
    code = """
from django.db import transaction
try:
    with transaction.atomic():
        Entry.objects.create(title='never')
        raise LookupError
except LookupError:
    pass
Entry.objects.filter(title='never').exists()
"""
    assert client.run(code).result == "False"


def test_django_async_orm(client: Client) -> None:
    assert client.run("await Entry.objects.filter(title='first').acount()").result == "1"
    code = "[entry.title async for entry in Entry.objects.filter(title='first')]"
    assert client.run(code).result == "['first']"


def test_django_sync_orm_is_refused_where_it_would_block_a_loop(client: Client) -> None:
    code = "async def wrong(): return Entry.objects.count()\nawait asyncio.create_task(wrong())"
    assert client.execute(code).error == "SynchronousOnlyOperation"


def test_asgiref_sync_to_async(client: Client) -> None:
    assert client.run("await sync_to_async(Entry.objects.count)() >= 1").result == "True"
    cell = client.run("await sync_to_async(print)('from the thread')")
    assert cell.stdout == "from the thread\n"


@pytest.mark.better(SAME_THREAD)
def test_asgiref_async_to_sync(client: Client) -> None:
    client.run("async def double(x):\n    await asyncio.sleep(0.01)\n    return 2 * x")
    assert client.run("async_to_sync(double)(21)").result == "42"
    assert client.run("await double(1)").result == "2"
    assert client.run("async_to_sync(double)(4)").result == "8"


@pytest.mark.better(SAME_THREAD)
def test_asgiref_there_and_back(client: Client) -> None:
    code = """
import threading
def inner(): return threading.current_thread() is threading.main_thread()
async def middle(): return await sync_to_async(inner, thread_sensitive=True)()
async_to_sync(middle)()
"""
    assert client.run(code).result == "True"


@pytest.mark.better(UNSAFE)
def test_django_makemigrations(client: Client) -> None:
    cell = client.run("call_command('makemigrations', 'blog')", timeout=TIMEOUT)
    assert "Migrations for 'blog':" in cell.stdout
    assert "Create model Entry" in cell.stdout
    again = client.run("call_command('makemigrations', 'blog', no_color=True)", timeout=TIMEOUT)
    assert again.stdout == "No changes detected in app 'blog'\n"


@pytest.mark.better(UNSAFE)
def test_django_migrate(client: Client) -> None:
    cell = client.run(
        "call_command('migrate', database='default', run_syncdb=True, fake=True, no_color=True)",
        timeout=TIMEOUT,
    )
    assert "Running migrations:" in cell.stdout or "Operations to perform:" in cell.stdout


def test_django_models_autoreload(kernel: Kernel, client: Client) -> None:
    client.run("%load_ext autoreload\n%autoreload 2")
    assert client.run("Entry(title='calm').shout()").result == "'CALM'"
    models = kernel.work / "blog" / "models.py"
    models.write_text(MODELS.replace("self.title.upper()", "self.title.upper() + '!!'"))
    assert client.run("Entry(title='calm').shout()").result == "'CALM!!'"
    assert client.run("await Entry.objects.acount() >= 1").result == "True"
    client.run("%autoreload 0")
