import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Interrupts, RunningRequests } from '../src/worker/interrupts';
import type { InterruptSource } from '../src/worker/interrupts';

/** A source of interrupts that the test sets. */
class Source implements InterruptSource {
  named = 0;

  peek(): number {
    return this.named;
  }

  take(seen: number): void {
    if (this.named === seen) {
      this.named = 0;
    }
  }
}

function header(id: string): string {
  return JSON.stringify({ msg_id: id, msg_type: 'execute_request' });
}

function made(): {
  source: Source;
  running: RunningRequests;
  interrupts: Interrupts;
  heard: number[];
} {
  const source = new Source();
  const running = new RunningRequests();
  const heard: number[] = [];
  const interrupts = new Interrupts(source, running, () => heard.push(source.named));
  return { source, running, interrupts, heard };
}

void test('an interrupt is for what runs', () => {
  const { source, running, interrupts, heard } = made();
  running.begin(header('a'), 3);
  source.named = 3;
  assert.equal(interrupts.take(), true);
  assert.equal(interrupts.take(), false);
  assert.equal(heard.length, 1);
});

void test('an interrupt from before is for nobody', () => {
  const { source, running, interrupts } = made();
  source.named = 3;
  running.begin(header('b'), 4);
  assert.equal(interrupts.take(), false);
  assert.equal(source.named, 0);
});

void test('an interrupt of an idle kernel is for nobody', () => {
  const { source, running, interrupts } = made();
  running.begin(header('a'), 1);
  running.end(header('a'));
  source.named = 1;
  assert.equal(interrupts.take(), false);
  assert.equal(source.named, 0);
});

void test('a request that came later does not shield one that awaits', () => {
  const { source, running, interrupts } = made();
  running.begin(header('awaits'), 1);
  running.begin(header('completion'), 2);
  source.named = 1;
  assert.equal(interrupts.take(), true);
});

void test('the buffer is cleared by the write, as Pyodide does it', () => {
  const { source, running, interrupts } = made();
  const buffer = interrupts.buffer(() => 0);
  running.begin(header('a'), 1);
  source.named = 1;
  assert.equal(buffer[0], 2);
  assert.equal(buffer[0], 2);
  buffer[0] = 0;
  assert.equal(buffer[0], 0);
  assert.equal(source.named, 0);
});

void test('a click between the read and the write is kept', () => {
  const { source, running, interrupts } = made();
  const buffer = interrupts.buffer(() => 0);
  running.begin(header('a'), 1);
  running.begin(header('b'), 2);
  source.named = 1;
  assert.equal(buffer[0], 2);
  source.named = 2;
  buffer[0] = 0;
  assert.equal(buffer[0], 2);
});

void test('without an interrupt the other signal is told', () => {
  const { source, running, interrupts } = made();
  const buffer = interrupts.buffer(() => 14);
  assert.equal(buffer[0], 14);
  running.begin(header('a'), 1);
  source.named = 1;
  assert.equal(buffer[0], 2);
});
