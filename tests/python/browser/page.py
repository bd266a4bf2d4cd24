"""What a worker's kernel finds as its page, in Python: one in each process, as the kernel is."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PLACE = ROOT / "build" / os.environ.get("CARME_VARIANT", "") / "lite-native"
TIMEOUT = 120
# older sessions' cells, as a page hands them over
OLDER = [[1, 1, "a = 1"], [1, 2, "print(a)"], [2, 1, "a = 1"], "broken", [2, 2, "b = 'ä'"]]


class Page:
    """The worker's host and its client in one: pushes requests, keeps what is posted."""

    def __init__(self):
        self.posted = []
        self.answers = []
        self.flag = self.broken = False
        self.count = 0
        self.history = json.dumps({"session": 4, "cells": OLDER})
        self.kept = []
        self.armed = None
        self.asked = []
        self.during_ask = lambda: None
        sys.path.insert(0, str(PLACE))
        from _carme.browser import worker_api

        self.worker = worker_api
        worker_api.start(self)

    # the host's methods

    def post(self, channel, header, parent, metadata, content, buffers):
        if self.broken:
            raise RuntimeError("the page is gone")
        texts = [json.loads(text) for text in (header, parent, metadata, content)]
        names = ("header", "parent", "metadata", "content")
        message = dict(
            zip(names, texts), channel=channel, buffers=[bytes(each) for each in buffers]
        )
        message["type"] = texts[0]["msg_type"]
        self.posted.append(message)

    def ask(self, header, parent, metadata, content):
        self.asked.append((json.loads(header), json.loads(parent), json.loads(content)))
        self.during_ask()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return None if answer is None else json.dumps({"status": "ok", "value": answer})

    def now(self):
        return time.time() * 1000

    def random(self, count):
        return os.urandom(count)

    def interrupted(self):
        was, self.flag = self.flag, False
        return was

    def sleep(self, ms):
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            if self.flag:
                return True
            os.sched_yield()
        return False

    def keep(self, line, code):
        self.kept.append((line, code))

    def arm(self, ms):
        self.armed = ms

    # the client's side

    def header(self, kind, session="client"):
        self.count += 1
        date = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        names = ("msg_id", "msg_type", "session", "username", "date", "version")
        return dict(zip(names, (f"id-{self.count}", kind, session, "user", date, "5.3")))

    def push(self, kind, content=None, channel="shell", buffers=(), metadata="{}"):
        header = self.header(kind)
        texts = (json.dumps(header), "{}", metadata, json.dumps(content or {}))
        self.worker.push(channel, *texts, list(buffers))
        return header["msg_id"]

    def execute(self, code, **options):
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
        return self.push("execute_request", {**content, "stop_on_error": True, **options})

    def of(self, ident):
        return [each for each in self.posted if each["parent"].get("msg_id") == ident]

    def types(self, ident):
        return [each["type"] for each in self.of(ident)]

    def one(self, ident, kind):
        (found,) = [each for each in self.of(ident) if each["type"] == kind]
        return found

    def reply(self, ident):
        (found,) = [each for each in self.of(ident) if each["type"].endswith("_reply")]
        return found["content"]

    def text(self, ident, stream="stdout"):
        streams = [each["content"] for each in self.of(ident) if each["type"] == "stream"]
        return "".join(each["text"] for each in streams if each["name"] == stream)

    def result(self, ident):
        return self.one(ident, "execute_result")["content"]["data"]["text/plain"]

    def is_idle(self, ident):
        last = self.of(ident)[-1:]
        return bool(last) and last[0]["content"] == {"execution_state": "idle"}

    def latest(self):
        return f"id-{self.count}"

    async def idle(self, ident):
        end = time.monotonic() + TIMEOUT / 2
        while not self.is_idle(ident):
            assert time.monotonic() < end, f"no idle: {self.types(ident)}"
            await asyncio.sleep(0.001)
        return ident

    async def run(self, code, **options):
        return await self.idle(self.execute(code, **options))

    async def until(self, holds):
        end = time.monotonic() + TIMEOUT / 2
        while not holds():
            assert time.monotonic() < end, "it does not come true"
            await asyncio.sleep(0.001)
