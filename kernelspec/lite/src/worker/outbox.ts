/** Posts the kernel's messages to the page, no faster than the page takes them. */

import type { SerializedMessage, ToPage } from '../common/protocol';

/** Characters after which the worker waits for the page: a cell may print more than fits in memory. */
const MAX_UNSETTLED = 1 << 22;

export interface OutboxHost {
  post(message: ToPage, transfer: Transferable[]): void;
  /** Returns when the page has taken what was posted; at once where nothing can wait. */
  settle(): void;
}

export class Outbox {
  private unsettled = 0;

  constructor(private readonly host: OutboxHost) {}

  /** Sends a message; its buffers are the page's then. */
  add(message: SerializedMessage): void {
    this.host.post({ type: 'message', message }, message.buffers);
    this.unsettled += message.content.length;
    if (this.unsettled > MAX_UNSETTLED) {
      this.unsettled = 0;
      this.host.settle();
    }
  }
}
