// The module in Pyodide, without a browser: PYODIDE is npm's pyodide, MODULE the .so.
// What needs no WebAssembly is told by tests/python/browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = resolve(process.env.PYODIDE);
const module = readFileSync(process.env.MODULE);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);

async function python() {
  const pyodide = await loadPyodide({ indexURL: `${folder}/` });
  const site = pyodide.runPython('import site; site.getsitepackages()[0]');
  pyodide.FS.writeFile(`${site}/_carme.abi3.so`, module);
  return pyodide;
}

class Player {
  heard = [];
  answers = [];
  count = 0;
  flag = false;
  deadline = Infinity;
  alarm = Infinity;

  async start() {
    this.pyodide = await python();
    this.lite = this.pyodide.pyimport('_carme.browser.worker_api');
    this.lite.start(this.host());
    const poll = () => this.poll();
    this.pyodide.setInterruptBuffer({
      get 0() {
        return poll();
      },
      set 0(value) {}
    });
    return this;
  }

  poll() {
    const now = performance.now();
    if (now > this.deadline) {
      this.deadline = Infinity;
      return 2;
    }
    if (now > this.alarm) {
      this.alarm = Infinity;
      return 14;
    }
    return 0;
  }

  host() {
    return {
      post: (channel, header, parent, metadata, content, buffers) => {
        const [head, from, data] = [header, parent, content].map((text) => JSON.parse(text));
        const time = performance.now();
        const parts = { channel, type: head.msg_type, parent: from.msg_id, content: data };
        this.heard.push({ ...parts, buffers, time });
        globalThis.hasStreamed ||= head.msg_type === 'stream';
      },
      ask: () => {
        const answer = this.answers.shift();
        return answer === undefined ? undefined : JSON.stringify({ value: answer });
      },
      now: () => Date.now(),
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      interrupted: () => {
        const was = this.flag;
        this.flag = false;
        return was;
      },
      sleep: () => false,
      arm: (ms) => {
        this.alarm = performance.now() + ms;
        setTimeout(() => this.lite.tick(), ms);
      }
    };
  }

  push(type, content = {}, channel = 'shell', buffers = []) {
    const id = `id-${++this.count}`;
    const header = { msg_id: id, msg_type: type, session: 's', username: 'u', version: '5.3' };
    const texts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    this.lite.push(channel, ...texts, buffers);
    return id;
  }

  execute(code) {
    return this.push('execute_request', { code, allow_stdin: true });
  }

  of(id, type) {
    return this.heard.filter((each) => each.parent === id && (!type || each.type === type));
  }

  async idle(id) {
    while (!this.of(id, 'status').some((each) => each.content.execution_state === 'idle')) {
      await new Promise((next) => setTimeout(next, 1));
    }
    return id;
  }

  async run(code) {
    return await this.idle(this.execute(code));
  }

  text(id) {
    return this.of(id, 'stream').map((each) => each.content.text).join('');
  }

  result(id) {
    return this.of(id, 'execute_result')[0]?.content.data['text/plain'];
  }

  error(id) {
    return this.of(id, 'error')[0]?.content;
  }
}

const k = await new Player().start();

test('the module is small', () => {
  // a hundredth of what the page loads
  assert.ok(gzipSync(module).length < 150_000);
});

test('a cell', async () => {
  const id = await k.run('print("text")\n6 * 7');
  assert.equal(k.text(id), 'text\n');
  assert.equal(k.result(id), '42');
  assert.deepEqual(
    k.of(id).map((each) => each.type),
    ['status', 'execute_input', 'stream', 'execute_result', 'execute_reply', 'status']
  );
});

test('a cell that awaits, and what is answered meanwhile', async () => {
  const id = k.execute('import asyncio\nprint("a")\nawait asyncio.sleep(0.05)\nprint("b")\n1/0');
  const info = k.push('kernel_info_request');
  assert.equal(k.of(info, 'kernel_info_reply')[0].content.implementation, 'carme');
  assert.deepEqual(k.of(id, 'execute_reply'), []);
  await k.idle(id);
  assert.equal(k.text(id), 'a\nb\n');
  assert.equal(k.error(id).ename, 'ZeroDivisionError');
});

test('interrupts are never lost', async () => {
  const cells = ['for i in range(10**9): print(i)', 'while True: display(1)', 'while True: pass'];
  for (const code of [...cells, `await asyncio.sleep(0)\n${cells[0]}`]) {
    for (let round = 0; round < 10; round++) {
      k.deadline = performance.now() + 5 + 20 * Math.random();
      const id = await k.run(code);
      assert.equal(k.error(id).ename, 'KeyboardInterrupt');
      const lines = k.text(id).split('\n').slice(0, -1);
      assert.ok(lines.every((line, number) => line === String(number)));
    }
  }
});

test('an interrupt ends an await', async () => {
  const id = k.execute('await asyncio.sleep(10)');
  await new Promise((next) => setTimeout(next, 20));
  k.flag = true;
  k.push('interrupt_request', {}, 'control');
  await k.idle(id);
  assert.equal(k.error(id).ename, 'KeyboardInterrupt');
});

test('text appears while a cell computes', async () => {
  globalThis.hasStreamed = false;
  const id = await k.run(
    'import js, time\nprint("early")\nend = time.monotonic() + 60\n' +
      'while not js.hasStreamed and time.monotonic() < end: pass\njs.hasStreamed'
  );
  const [stream] = k.of(id, 'stream');
  assert.equal(stream.content.text, 'early\n');
  assert.equal(k.result(id), 'True');
});

test('input', async () => {
  k.answers = ['Ada'];
  assert.equal(k.result(await k.run('input("Name? ")')), "'Ada'");
  assert.equal(k.error(await k.run('input()')).ename, 'KeyboardInterrupt');
});

test('blocks both ways', async () => {
  await k.run(
    'import _carme, sys, types\nclass Manager:\n  targets = comms = {"c": 1}\n' +
      '  def comm_msg(self, stream, ident, message):\n' +
      '    data = {"comm_id": "c", "data": {}}\n' +
      '    back = [bytes(b)[::-1] for b in message["buffers"]]\n' +
      '    _carme.publish("comm_msg", data, {}, back)\n' +
      'comm, base = types.ModuleType("comm"), types.ModuleType("comm.base_comm")\n' +
      'comm.get_comm_manager = Manager\nbase.BaseComm = object\n' +
      'sys.modules.update({"comm": comm, "comm.base_comm": base})'
  );
  const blocks = [new Uint8Array([1, 2]), new Uint8Array([3, 4]).buffer, new Uint8Array(0)];
  const id = k.push('comm_msg', { comm_id: 'c', data: {} }, 'shell', blocks);
  const [back] = k.of(id, 'comm_msg');
  assert.deepEqual(back.buffers, [[2, 1], [4, 3], []].map((bytes) => new Uint8Array(bytes)));
});

test('JavaScript is at hand', async () => {
  assert.equal(k.result(await k.run('import js\njs.eval("6 * 7")')), '42');
});

test('urllib.request', async () => {
  globalThis.XMLHttpRequest = class {
    open(method, url, wait) {
      Object.assign(this, { method, responseURL: url, wait, statusText: '' });
    }
    setRequestHeader() {}
    send() {
      if (this.responseURL.includes('down')) {
        throw new Error('a network error occurred');
      }
      this.status = this.responseURL.includes('lost') ? 404 : 200;
      this.response = new TextEncoder().encode(`${this.method} ${this.wait}`).buffer;
    }
    getAllResponseHeaders() {
      return 'content-type: text/plain\r\n';
    }
  };
  const open = (name) => `import urllib.request\nurllib.request.urlopen("http://site/${name}").read()`;
  const here = await k.run(open('here'));
  assert.equal(k.result(here), "b'GET false'", k.error(here)?.evalue);
  assert.equal(k.error(await k.run(open('lost'))).ename, 'HTTPError');
  assert.equal(k.error(await k.run(open('down'))).ename, 'URLError');
});

test('asyncio.run', { skip: !('Suspending' in WebAssembly) }, async () => {
  const header = { msg_id: 'jspi', msg_type: 'execute_request', session: 's', version: '5.3' };
  const code = 'async def f():\n  await asyncio.sleep(0.01)\n  return 5\nasyncio.run(f())';
  const texts = [header, {}, {}, { code }].map((part) => JSON.stringify(part));
  await k.lite.push.callPromising('shell', ...texts, []);
  assert.equal(k.result(await k.idle('jspi')), '5');
});

test('another ABI', async () => {
  const pyodide = await python();
  pyodide.runPython(
    'import sysconfig\nsysconfig.get_config_vars()["PYODIDE_ABI_VERSION"] = "2031_7"'
  );
  const lite = pyodide.pyimport('_carme.browser.worker_api');
  assert.throws(() => lite.start({}), /ABI 20\d\d_\d with Python 3\.\d+.*ABI 2031_7/);
});
