"""run.py FILE NAME: one test of the worker's kernel, in this process."""

import asyncio
import importlib.util
import os
import sys
import traceback

from page import Page


def test_of(file, name):
    """The coroutine function."""
    spec = importlib.util.spec_from_file_location("conversation", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


async def perform():
    await test_of(*sys.argv[1:])(Page())
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


try:
    asyncio.run(perform())
except BaseException:
    sys.__stderr__.write(traceback.format_exc())
    sys.__stderr__.flush()
    os._exit(1)
os._exit(0)
