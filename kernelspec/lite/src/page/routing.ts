/** Packets to JupyterLite's messages and back. */

import type { KernelMessage } from '@jupyterlab/services';

import type { Packet } from '../common/protocol';

/** A client's message as texts. */
export function toPacket(message: KernelMessage.IMessage): Packet {
  return {
    channel: message.channel,
    header: JSON.stringify(message.header),
    parent: JSON.stringify(message.parent_header),
    metadata: JSON.stringify(message.metadata),
    content: JSON.stringify(message.content),
    buffers: (message.buffers ?? []).map(owned)
  };
}

/**
 * A kernel's message. JupyterLite finds the client by header.session, where a kernel has a session
 * of its own: the asker's is put there, or, for what nobody asked for, that of some client.
 */
export function toMessage(packet: Packet, anybody: string): KernelMessage.IMessage {
  const parent = JSON.parse(packet.parent) as Partial<KernelMessage.IHeader>;
  const header = JSON.parse(packet.header) as KernelMessage.IHeader;
  return {
    channel: packet.channel,
    header: { ...header, session: parent.session ?? anybody },
    parent_header: parent,
    metadata: JSON.parse(packet.metadata) as KernelMessage.IMessage['metadata'],
    content: JSON.parse(packet.content) as KernelMessage.IMessage['content'],
    buffers: packet.buffers
  } as KernelMessage.IMessage;
}

/** A copy that the worker may be given: the client's own buffer may be a part of its message. */
function owned(buffer: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) {
    return buffer.slice(0);
  }
  const view = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return view.slice().buffer;
}
