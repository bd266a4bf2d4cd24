/** Converts JupyterLite's messages to what the worker takes, and back. */

import type { KernelMessage } from '@jupyterlab/services';

import type { SerializedMessage } from '../common/protocol';

/** A client's message as texts. */
export function serializeMessage(message: KernelMessage.IMessage): SerializedMessage {
  return {
    channel: message.channel,
    header: JSON.stringify(message.header),
    parent: JSON.stringify(message.parent_header),
    metadata: JSON.stringify(message.metadata),
    content: JSON.stringify(message.content),
    buffers: (message.buffers ?? []).map(copyBuffer)
  };
}

/**
 * A kernel's message. JupyterLite finds the client by header.session, where a kernel has a session
 * of its own: that of the request's client is put there, or `anybody` where there is no request.
 */
export function parseMessage(
  serialized: SerializedMessage,
  anybody: string
): KernelMessage.IMessage {
  const parent = JSON.parse(serialized.parent) as Partial<KernelMessage.IHeader>;
  const header = JSON.parse(serialized.header) as KernelMessage.IHeader;
  return {
    channel: serialized.channel,
    header: { ...header, session: parent.session ?? anybody },
    parent_header: parent,
    metadata: JSON.parse(serialized.metadata) as KernelMessage.IMessage['metadata'],
    content: JSON.parse(serialized.content) as KernelMessage.IMessage['content'],
    buffers: serialized.buffers
  } as KernelMessage.IMessage;
}

/** A copy that the worker may be given: the client's own buffer may be a part of its message. */
function copyBuffer(buffer: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) {
    return buffer.slice(0);
  }
  const view = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return view.slice().buffer;
}
