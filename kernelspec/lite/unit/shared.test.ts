import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layout, LENGTH, newMemory, STATE } from '../src/common/layout';
import type { ToPage } from '../src/common/protocol';
import { Writer } from '../src/page/writer';
import { SharedWay } from '../src/worker/ways/shared';

/** Page and worker in one thread: the page writes while the worker posts, before it waits. */
function made(
  capacity: number,
  answer: unknown
): { way: SharedWay; writer: Writer; parts: number[] } {
  const memory = newMemory(capacity);
  const writer = new Writer(memory);
  const parts: number[] = [];
  const way = new SharedWay(memory, (message: ToPage) => {
    if (message.type === 'call') {
      writer.answer(answer);
    } else {
      writer.more();
    }
    parts.push(layout(memory).words[LENGTH] ?? -1);
  });
  return { way, writer, parts };
}

void test('an answer comes through', () => {
  const { way } = made(1 << 16, { status: 'ok', content: '{"value":"ä"}' });
  assert.deepEqual(way.call({ kind: 'ping' }), { status: 'ok', content: '{"value":"ä"}' });
});

void test('an answer in many parts, cut within characters', () => {
  const text = 'aä€𝄞'.repeat(50);
  const { way, parts } = made(7, text);
  assert.equal(way.call({ kind: 'ping' }), text);
  assert.ok(parts.length > 50);
  assert.ok(parts.every((length) => length <= 7));
});

void test('no answer is null', () => {
  const { way } = made(16, undefined);
  assert.equal(way.call({ kind: 'ping' }), null);
});

void test('a second call finds no trace of the first', () => {
  const { way } = made(16, 1);
  assert.equal(way.call({ kind: 'ping' }), 1);
  assert.equal(way.call({ kind: 'ping' }), 1);
});

void test('an interrupt wakes a sleep and is taken once', () => {
  const { way, writer } = made(16, 1);
  writer.interrupt(4);
  const start = performance.now();
  way.sleep(10_000);
  assert.ok(performance.now() - start < 5_000);
  assert.equal(way.peek(), 4);
  way.take(4);
  assert.equal(way.peek(), 0);
});

void test('taking an old interrupt leaves a newer one', () => {
  const { way, writer } = made(16, 1);
  writer.interrupt(4);
  const seen = way.peek();
  writer.interrupt(5);
  way.take(seen);
  assert.equal(way.peek(), 5);
});

void test('an empty memory belongs to the worker', () => {
  assert.equal(layout(newMemory()).words[STATE], 0);
});
