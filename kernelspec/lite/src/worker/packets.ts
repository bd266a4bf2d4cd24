/** What the kernel says, on its way to the page. */

import type { Packet, ToPage } from '../common/protocol';

/** Characters after which the page must have caught up: a cell may print more than it can hold. */
const PRESSURE = 1 << 22;

export interface OutboxHost {
  post(message: ToPage, transfer: Transferable[]): void;
  /** Returns when the page has taken what was posted; at once where nothing can wait. */
  settle(): void;
}

export class Outbox {
  private unsettled = 0;

  constructor(private readonly host: OutboxHost) {}

  /** Sends a message; its buffers are the page's then. */
  add(packet: Packet): void {
    this.host.post({ type: 'packet', packet }, packet.buffers);
    this.unsettled += packet.content.length;
    if (this.unsettled > PRESSURE) {
      this.unsettled = 0;
      this.host.settle();
    }
  }
}
