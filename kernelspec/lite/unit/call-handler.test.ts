import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SerializedMessage } from '../src/common/protocol';
import { CallHandler } from '../src/page/call-handler';

const QUESTION: SerializedMessage = {
  channel: 'stdin',
  header: '{}',
  parent: '{}',
  metadata: '{}',
  content: '{"prompt":"?"}',
  buffers: []
};

function made(): { callHandler: CallHandler; sent: SerializedMessage[] } {
  const sent: SerializedMessage[] = [];
  const drive = {
    processDriveRequest: (): Promise<never> => Promise.reject(new Error('no file'))
  };
  return { callHandler: new CallHandler({ send: (message) => sent.push(message), drive }), sent };
}

function ask(callHandler: CallHandler, id: number, timeout = Infinity): unknown {
  return callHandler.answer({ kind: 'input', id, message: QUESTION }, timeout);
}

void test('a question is sent and answered', async () => {
  const { callHandler, sent } = made();
  const waiting = ask(callHandler, 1);
  assert.equal(sent.length, 1);
  callHandler.inputReply('{"value":"a"}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{"value":"a"}' });
});

void test('a timeout passes: the question is asked again, not sent again', async () => {
  const { callHandler, sent } = made();
  assert.deepEqual(await ask(callHandler, 1, 1), { status: 'again' });
  const waiting = ask(callHandler, 1);
  callHandler.inputReply('{}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{}' });
  assert.equal(sent.length, 1);
});

void test('an answer between two slices is kept', async () => {
  const { callHandler } = made();
  await ask(callHandler, 1, 1);
  callHandler.inputReply('{"value":"between"}');
  assert.deepEqual(await ask(callHandler, 1), { status: 'ok', content: '{"value":"between"}' });
});

void test('an answer that nobody waited for is not the next one', async () => {
  const { callHandler, sent } = made();
  callHandler.inputReply('{"value":"stray"}');
  const waiting = ask(callHandler, 1);
  assert.equal(sent.length, 1);
  callHandler.inputReply('{"value":"meant"}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{"value":"meant"}' });
});

void test('stop ends a question', async () => {
  const { callHandler } = made();
  const waiting = ask(callHandler, 1);
  callHandler.interrupt(5);
  assert.deepEqual(await waiting, { status: 'interrupted' });
  assert.equal(callHandler.answer({ kind: 'interrupt' }), 5);
  assert.equal(callHandler.answer({ kind: 'interrupt' }), 0);
});

void test('stop ends a sleep and is told once', async () => {
  const { callHandler } = made();
  const waiting = callHandler.answer({ kind: 'sleep', milliseconds: 60_000 });
  callHandler.interrupt(7);
  assert.equal(await waiting, 7);
  assert.equal(callHandler.answer({ kind: 'interrupt' }), 0);
});

void test('a sleep passes', async () => {
  const { callHandler } = made();
  assert.equal(await callHandler.answer({ kind: 'sleep', milliseconds: 1 }), 0);
});

void test('a fault of the files is an answer, too', async () => {
  const { callHandler } = made();
  const answer = await callHandler.answer({ kind: 'drive', request: { method: 'get', path: 'x' } });
  assert.deepEqual(answer, { error: 'Error' });
});
