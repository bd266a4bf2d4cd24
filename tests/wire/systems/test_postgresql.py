"""SQLAlchemy, psycopg and asyncpg with a real PostgreSQL: pools, forks, interrupts, retries."""

from __future__ import annotations

import pytest

from harness.client import SLOW, Client
from harness.kernels import Kernel
from harness.postgres import Postgres

TIMEOUT = 30 * SLOW
CANCELLED = "an interrupt of an await is a CancelledError there"
SETUP = """
import os, sys
URL = {url!r}
if 'sqlalchemy' not in sys.modules:
    import psycopg
    from sqlalchemy import create_engine, text
    engine = create_engine(URL.replace('postgresql:', 'postgresql+psycopg:'), pool_pre_ping=True)
    def ask(statement='select 42', **values):
        with engine.connect() as connection:
            return connection.execute(text(statement), values).scalar()
"""


@pytest.fixture
def client(kernel: Kernel, postgres: Postgres) -> Client:
    """A client whose cells have an engine."""
    made = kernel.client()
    made.run(SETUP.format(url=postgres.url), timeout=TIMEOUT)
    return made


def test_sqlalchemy_pool_across_a_restart(client: Client, postgres: Postgres) -> None:
    before = client.run("ask('select pg_backend_pid()')").result
    assert client.run("ask('select pg_backend_pid()')").result == before, "it is pooled"
    postgres.restart()
    assert client.run("ask()", timeout=TIMEOUT).result == "42"
    assert client.run("ask('select pg_backend_pid()')").result != before


def test_sqlalchemy_error_without_pre_ping(client: Client, postgres: Postgres) -> None:
    client.run(
        "plain = create_engine(engine.url)\n"
        "with plain.connect() as connection: connection.execute(text('select 1'))"
    )
    postgres.restart()
    code = "with plain.connect() as connection: connection.execute(text('select 1'))"
    cell = client.execute(code, timeout=TIMEOUT)
    assert cell.error == "OperationalError"
    assert "terminat" in cell.traceback or "server closed the connection" in cell.traceback
    assert client.run("plain.dispose(); ask()").result == "42"


FORK = """
held = engine.connect()
backend = held.execute(text('select pg_backend_pid()')).scalar()
child = os.fork()
if child == 0:
    engine.dispose(close=False)
    print('child:', ask('select 6 * 7'), ask('select pg_backend_pid()') != backend, flush=True)
    os._exit(0)
code = os.waitpid(child, 0)[1]
print('parent:', code, held.execute(text('select pg_backend_pid()')).scalar() == backend)
held.close()
"""


def test_sqlalchemy_pool_across_a_fork(client: Client) -> None:
    client.run("ask()")
    for _ in range(3):
        cell = client.run(FORK, timeout=TIMEOUT)
        assert sorted(cell.stdout.splitlines()) == ["child: 42 True", "parent: 0 True"]
    assert client.run("ask()").result == "42"


def test_sqlalchemy_pool_in_multiprocessing(client: Client) -> None:
    code = """
import multiprocessing
def count(n):
    engine.dispose(close=False)
    return ask('select cast(:n as int) + 1', n=n)
with multiprocessing.get_context('fork').Pool(2) as pool:
    answers = pool.map(count, range(4))
answers, ask()
"""
    assert client.run(code, timeout=TIMEOUT).result == "([1, 2, 3, 4], 42)"


def interrupt(kernel: Kernel, client: Client, code: str) -> None:
    """Interrupts a cell that sleeps in the server, for ten minutes."""
    request = client.send_execute("print('asking', flush=True)\n" + code)
    client.iopub("stream", request)
    kernel.settle()  # from the print into the driver's wait
    kernel.interrupt()
    assert client.finish(request, timeout=TIMEOUT).error == "KeyboardInterrupt"


def test_psycopg_interrupt_of_pg_sleep(kernel: Kernel, client: Client) -> None:
    client.run("raw = psycopg.connect(URL, autocommit=True)")
    backend = client.run("raw.info.backend_pid").result
    interrupt(kernel, client, "raw.execute('select pg_sleep(600)')")
    code = "raw.execute('select pg_backend_pid()').fetchone()[0], raw.closed"
    assert client.run(code).result == f"({backend}, False)", "the connection is usable"
    asleep = "ask(\"select count(*) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'\")"
    assert client.run(asleep).result == "0", "the server has let go of it"
    client.run("raw.close()")


def test_sqlalchemy_interrupt_of_pg_sleep(kernel: Kernel, client: Client) -> None:
    interrupt(kernel, client, "ask('select pg_sleep(600)')")
    assert client.run("ask(), engine.pool.checkedout()").result == "(42, 0)"


@pytest.mark.better(CANCELLED)
def test_psycopg_interrupt_of_an_async_pg_sleep(kernel: Kernel, client: Client) -> None:
    client.run("apg = await psycopg.AsyncConnection.connect(URL, autocommit=True)")
    interrupt(kernel, client, "await apg.execute('select pg_sleep(600)')")
    code = "(await (await apg.execute('select 42')).fetchone())[0]"
    assert client.run(code).result == "42"
    client.run("await apg.close()")


@pytest.mark.better(CANCELLED)
def test_asyncpg_interrupt_of_pg_sleep(kernel: Kernel, client: Client) -> None:
    client.run("import asyncpg\ndirect = await asyncpg.connect(URL)", timeout=TIMEOUT)
    interrupt(kernel, client, "await direct.execute('select pg_sleep(600)')")
    assert client.run("await direct.fetchval('select 42')").result == "42"
    client.run("await direct.close()")


def test_postgresql_serialization_failure(client: Client) -> None:
    code = """
with engine.begin() as connection:
    connection.execute(text('drop table if exists account'))
    connection.execute(text('create table account (id int primary key, n int)'))
    connection.execute(text('insert into account values (1, 0)'))
one = engine.connect().execution_options(isolation_level='SERIALIZABLE')
two = engine.connect().execution_options(isolation_level='SERIALIZABLE')
with one, two:
    for connection in (one, two):
        connection.execute(text('select n from account')).all()
    one.execute(text('update account set n = n + 1'))
    one.commit()
    two.execute(text('update account set n = n + 1'))
"""
    cell = client.execute(code, timeout=TIMEOUT)
    assert cell.error == "OperationalError"
    assert "SerializationFailure" in cell.traceback
    assert "could not serialize access" in cell.traceback
    assert client.run("import sys\nsys.last_value.orig.sqlstate").result == "'40001'"


RETRY = """
import threading
from sqlalchemy.exc import OperationalError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random
with engine.begin() as connection:
    connection.execute(text('drop table if exists counter'))
    connection.execute(text('create table counter (id int primary key, n int)'))
    connection.execute(text('insert into counter values (1, 0)'))
failures = []
def is_serialization(error):
    found = isinstance(error, OperationalError) and error.orig.sqlstate == '40001'
    failures.append(found)
    return found
barrier = threading.Barrier(2)
@retry(retry=retry_if_exception(is_serialization), stop=stop_after_attempt(50),
       wait=wait_random(0, 0.02), reraise=True)
def increase(first):
    with engine.connect().execution_options(isolation_level='SERIALIZABLE') as connection:
        n = connection.execute(text('select n from counter where id = 1')).scalar()
        if first and first.pop():
            barrier.wait(60)  # both have read before one writes: one of them must fail
        connection.execute(text('update counter set n = :n where id = 1'), {'n': n + 1})
        connection.commit()
def work(name):
    for turn in range(10):
        increase([True] if turn == 0 else [])
    print(f'{name} is done')
threads = [threading.Thread(target=work, args=(name,)) for name in ('left', 'right')]
for thread in threads: thread.start()
for thread in threads: thread.join()
(ask('select n from counter'), bool(failures) and all(failures))
"""


def test_postgresql_serialization_failure_with_tenacity(client: Client) -> None:
    cell = client.run(RETRY, timeout=TIMEOUT)
    assert cell.result == "(20, True)"
    assert sorted(cell.stdout.splitlines()) == ["left is done", "right is done"]


def test_asyncpg_pool_over_cells(client: Client) -> None:
    code = "import asyncpg\npool = await asyncpg.create_pool(URL, min_size=2, max_size=4)"
    client.run(code, timeout=TIMEOUT)
    client.run("import time; time.sleep(0.05)")
    client.run("async def one(n): return await pool.fetchval('select $1::int', n)")
    assert client.run("await pool.fetchval('select 42')").result == "42"
    client.run("import asyncio\nlater = asyncio.ensure_future(one(7))")
    assert client.run("await asyncio.gather(*map(one, range(8))), await later").result == (
        "([0, 1, 2, 3, 4, 5, 6, 7], 7)"
    )
    client.run("await pool.close()")


def test_psycopg_pool_over_cells(client: Client) -> None:
    client.run(
        "from psycopg_pool import ConnectionPool\nsync_pool = ConnectionPool(URL, min_size=2)"
    )
    code = "with sync_pool.connection() as c: found = c.execute('select 42').fetchone()[0]\nfound"
    assert client.run(code).result == "42"
    assert client.run("await __import__('asyncio').sleep(0, found)").result == "42"
    assert client.run(code).result == "42"
    client.run("sync_pool.close()")


def test_psycopg_async_pool_over_cells(client: Client) -> None:
    client.run(
        "from psycopg_pool import AsyncConnectionPool\n"
        "apool = AsyncConnectionPool(URL, min_size=2, open=False)\nawait apool.open()"
    )
    client.run("1 + 1")
    code = "async with apool.connection() as c: found = await (await c.execute('select 42')).fetchone()\nfound[0]"
    for _ in range(3):
        assert client.run(code, timeout=TIMEOUT).result == "42"
    client.run("await apool.close()")


def test_sqlalchemy_async_engine_over_cells(client: Client) -> None:
    client.run(
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        "aengine = create_async_engine(URL.replace('postgresql:', 'postgresql+asyncpg:'))",
        timeout=TIMEOUT,
    )
    code = "async with aengine.connect() as c: found = (await c.execute(text('select 42'))).scalar()\nfound"
    assert client.run(code, timeout=TIMEOUT).result == "42"
    client.run("ask()")
    assert client.run(code).result == "42"
    client.run("await aengine.dispose()")
