import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KernelMessage } from '@jupyterlab/services';

import type { Packet } from '../src/common/protocol';
import { toMessage, toPacket } from '../src/page/routing';
import { complaint } from '../src/page/support';
import { Outbox } from '../src/worker/packets';

function packet(header: object, parent: object, content = '{}'): Packet {
  const [head, before] = [header, parent].map((each) => JSON.stringify(each)) as [string, string];
  return { channel: 'iopub', header: head, parent: before, metadata: '{}', content, buffers: [] };
}

void test('a reply goes to the session that has asked', () => {
  const message = toMessage(packet({ session: 'kernel' }, { session: 'asker' }), 'other');
  assert.equal(message.header.session, 'asker');
});

void test('what nobody has asked for goes to some client', () => {
  const message = toMessage(packet({ session: 'kernel' }, {}), 'somebody');
  assert.equal(message.header.session, 'somebody');
});

void test("a client's buffer may be a part of its message", () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  const message = {
    channel: 'shell',
    header: {},
    parent_header: {},
    metadata: {},
    content: {},
    buffers: [new DataView(whole.buffer, 1, 2), whole.buffer]
  } as unknown as KernelMessage.IMessage;
  const { buffers } = toPacket(message);
  assert.deepEqual(
    buffers.map((buffer) => [...new Uint8Array(buffer)]),
    [
      [2, 3],
      [1, 2, 3, 4]
    ]
  );
  assert.notEqual(buffers[1], whole.buffer);
});

void test('what the browser lacks is named', () => {
  assert.equal(complaint({ WebAssembly: {}, 'Web Workers': {} }), '');
  assert.match(complaint({ WebAssembly: undefined, 'Web Workers': {} }), /lack WebAssembly\./);
});

void test('a flood waits for the page now and then', () => {
  let posted = 0;
  let settled = 0;
  const outbox = new Outbox({ post: () => (posted += 1), settle: () => (settled += 1) });
  for (let n = 0; n < 100; n++) {
    outbox.add(packet({}, {}, 'x'.repeat(1 << 18)));
  }
  assert.equal(posted, 100);
  assert.ok(settled >= 4 && settled <= 7);
});
