import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Packet } from '../src/common/protocol';
import { Desk } from '../src/page/desk';

const QUESTION: Packet = {
  channel: 'stdin',
  header: '{}',
  parent: '{}',
  metadata: '{}',
  content: '{"prompt":"?"}',
  buffers: []
};

function made(): { desk: Desk; sent: Packet[] } {
  const sent: Packet[] = [];
  const drive = {
    processDriveRequest: (): Promise<never> => Promise.reject(new Error('no file'))
  };
  return { desk: new Desk({ send: (packet) => sent.push(packet), drive }), sent };
}

function ask(desk: Desk, id: number, slice = Infinity): unknown {
  return desk.answer({ kind: 'input', id, packet: QUESTION }, slice);
}

void test('a question is sent and answered', async () => {
  const { desk, sent } = made();
  const waiting = ask(desk, 1);
  assert.equal(sent.length, 1);
  desk.inputReply('{"value":"a"}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{"value":"a"}' });
});

void test('a slice passes: the question is asked again, not sent again', async () => {
  const { desk, sent } = made();
  assert.deepEqual(await ask(desk, 1, 1), { status: 'again' });
  const waiting = ask(desk, 1);
  desk.inputReply('{}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{}' });
  assert.equal(sent.length, 1);
});

void test('an answer between two slices is kept', async () => {
  const { desk } = made();
  await ask(desk, 1, 1);
  desk.inputReply('{"value":"between"}');
  assert.deepEqual(await ask(desk, 1), { status: 'ok', content: '{"value":"between"}' });
});

void test('an answer that nobody waited for is not the next one', async () => {
  const { desk, sent } = made();
  desk.inputReply('{"value":"stray"}');
  const waiting = ask(desk, 1);
  assert.equal(sent.length, 1);
  desk.inputReply('{"value":"meant"}');
  assert.deepEqual(await waiting, { status: 'ok', content: '{"value":"meant"}' });
});

void test('stop ends a question', async () => {
  const { desk } = made();
  const waiting = ask(desk, 1);
  desk.interrupt(5);
  assert.deepEqual(await waiting, { status: 'interrupted' });
  assert.equal(desk.answer({ kind: 'interrupt' }), 5);
  assert.equal(desk.answer({ kind: 'interrupt' }), 0);
});

void test('stop ends a sleep and is told once', async () => {
  const { desk } = made();
  const waiting = desk.answer({ kind: 'sleep', milliseconds: 60_000 });
  desk.interrupt(7);
  assert.equal(await waiting, 7);
  assert.equal(desk.answer({ kind: 'interrupt' }), 0);
});

void test('a sleep passes', async () => {
  const { desk } = made();
  assert.equal(await desk.answer({ kind: 'sleep', milliseconds: 1 }), 0);
});

void test('a fault of the files is an answer, too', async () => {
  const { desk } = made();
  const answer = await desk.answer({ kind: 'drive', request: { method: 'get', path: 'x' } });
  assert.deepEqual(answer, { error: 'Error' });
});
