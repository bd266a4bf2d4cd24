import assert from 'node:assert/strict';
import { test } from 'node:test';

import { viewSharedMemory, LENGTH, newSharedMemory, STATE } from '../src/common/shared-memory';
import type { ToPage } from '../src/common/protocol';
import { SharedMemoryWriter } from '../src/page/shared-memory-writer';
import { SharedMemoryCalls } from '../src/worker/calls/shared-memory';

/** Page and worker in one thread: the page writes while the worker posts, before it waits. */
function made(
  capacity: number,
  answer: unknown
): { calls: SharedMemoryCalls; writer: SharedMemoryWriter; parts: number[] } {
  const memory = newSharedMemory(capacity);
  const writer = new SharedMemoryWriter(memory);
  const parts: number[] = [];
  const calls = new SharedMemoryCalls(memory, (message: ToPage) => {
    if (message.type === 'call') {
      writer.answer(answer);
    } else {
      writer.more();
    }
    parts.push(viewSharedMemory(memory).words[LENGTH] ?? -1);
  });
  return { calls, writer, parts };
}

void test('an answer comes through', () => {
  const { calls } = made(1 << 16, { status: 'ok', content: '{"value":"ä"}' });
  assert.deepEqual(calls.call({ kind: 'ping' }), { status: 'ok', content: '{"value":"ä"}' });
});

void test('an answer in many parts, cut within characters', () => {
  const text = 'aä€𝄞'.repeat(50);
  const { calls, parts } = made(7, text);
  assert.equal(calls.call({ kind: 'ping' }), text);
  assert.ok(parts.length > 50);
  assert.ok(parts.every((length) => length <= 7));
});

void test('no answer is null', () => {
  const { calls } = made(16, undefined);
  assert.equal(calls.call({ kind: 'ping' }), null);
});

void test('a second call finds no trace of the first', () => {
  const { calls } = made(16, 1);
  assert.equal(calls.call({ kind: 'ping' }), 1);
  assert.equal(calls.call({ kind: 'ping' }), 1);
});

void test('an interrupt wakes a sleep and is taken once', () => {
  const { calls, writer } = made(16, 1);
  writer.interrupt(4);
  const start = performance.now();
  calls.sleep(10_000);
  assert.ok(performance.now() - start < 5_000);
  assert.equal(calls.peek(), 4);
  calls.take(4);
  assert.equal(calls.peek(), 0);
});

void test('taking an old interrupt leaves a newer one', () => {
  const { calls, writer } = made(16, 1);
  writer.interrupt(4);
  const seen = calls.peek();
  writer.interrupt(5);
  calls.take(seen);
  assert.equal(calls.peek(), 5);
});

void test('an empty memory belongs to the worker', () => {
  assert.equal(viewSharedMemory(newSharedMemory()).words[STATE], 0);
});
