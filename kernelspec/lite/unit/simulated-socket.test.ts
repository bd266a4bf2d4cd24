import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deliverAtOnce, kernelOf } from '../src/page/simulated-socket';

Object.assign(globalThis, { WebSocket: { OPEN: 1 } });
const URL_OF_OURS = 'ws://localhost/api/kernels/our%20s/channels?session_id=1';

/** A class of sockets as JupyterLite's, and what has been sent and delivered. */
function sockets() {
  const sent: unknown[] = [];
  const delivered: unknown[] = [];
  class Socket {
    readyState = 1;
    listeners: Record<string, unknown[]> = { 'server::message': [() => undefined] };
    constructor(readonly url: string) {}
    send(data: unknown): void {
      sent.push(data);
    }
    dispatchEvent(_: Event, data: unknown): boolean {
      return delivered.push(data) > 0;
    }
  }
  deliverAtOnce(Socket, (id) => id === 'our s');
  return { Socket, sent, delivered };
}

void test("a message for a kernel of ours needs no timer, another's is left alone", async () => {
  const { Socket, sent, delivered } = sockets();
  const [first, second] = [new ArrayBuffer(1), new ArrayBuffer(2)];
  new Socket(URL_OF_OURS).send(first);
  assert.deepEqual(delivered, []);
  await Promise.resolve();
  assert.deepEqual(delivered, [first]);
  new Socket('ws://localhost/api/kernels/other/channels').send(second);
  assert.deepEqual(sent, [second]);
});

void test('a socket that is not open, or made otherwise, sends as it does', () => {
  const { Socket, sent } = sockets();
  const closed = new Socket(URL_OF_OURS);
  closed.readyState = 3;
  const other = new Socket(URL_OF_OURS);
  other.listeners = {};
  const data = new ArrayBuffer(1);
  closed.send(data);
  other.send(data);
  new Socket(URL_OF_OURS).send('text');
  assert.deepEqual(sent, [data, data, 'text']);
});

void test("a kernel's id in an address", () => {
  assert.equal(kernelOf(URL_OF_OURS), 'our s');
  assert.equal(kernelOf('ws://localhost/lsp/ws/python'), '');
});
