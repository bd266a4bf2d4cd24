import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KernelMessage } from '@jupyterlab/services';

import type { SerializedMessage } from '../src/common/protocol';
import { parseMessage, serializeMessage } from '../src/page/message-conversion';
import { unsupportedReason } from '../src/page/browser-features';
import { Outbox } from '../src/worker/outbox';

function serialized(header: object, parent: object, content = '{}'): SerializedMessage {
  const [head, before] = [header, parent].map((each) => JSON.stringify(each)) as [string, string];
  return { channel: 'iopub', header: head, parent: before, metadata: '{}', content, buffers: [] };
}

void test('a reply goes to the session that has asked', () => {
  const message = parseMessage(serialized({ session: 'kernel' }, { session: 'asker' }), 'other');
  assert.equal(message.header.session, 'asker');
});

void test('what nobody has asked for goes to some client', () => {
  const message = parseMessage(serialized({ session: 'kernel' }, {}), 'somebody');
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
  const { buffers } = serializeMessage(message);
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
  assert.equal(unsupportedReason({ WebAssembly: {}, 'Web Workers': {} }), '');
  assert.match(
    unsupportedReason({ WebAssembly: undefined, 'Web Workers': {} }),
    /lack WebAssembly\./
  );
});

void test('a flood waits for the page now and then', () => {
  let posted = 0;
  let settled = 0;
  const outbox = new Outbox({ post: () => (posted += 1), settle: () => (settled += 1) });
  for (let n = 0; n < 100; n++) {
    outbox.add(serialized({}, {}, 'x'.repeat(1 << 18)));
  }
  assert.equal(posted, 100);
  assert.ok(settled >= 4 && settled <= 7);
});
