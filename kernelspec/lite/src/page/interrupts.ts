/** Interrupts from the stop button, and the offer of a restart. */

import { Notification } from '@jupyterlab/apputils';
import type { IKernelClient } from '@jupyterlite/services';

/** A kernel that can be interrupted. */
export interface Interruptible {
  interrupt(): void;
}

/** Sends interrupts to our kernels; JupyterLite's own only cancels the requests in its queue. */
export function wrapInterrupt(client: IKernelClient, kernels: Map<string, Interruptible>): void {
  const original = client.interrupt.bind(client);
  client.interrupt = async (id) => {
    const kernel = kernels.get(id);
    if (kernel === undefined) {
      await original(id);
    } else {
      kernel.interrupt();
    }
  };
}

/** Offers a restart when an interrupt has had no effect for a while. */
export class InterruptWatchdog {
  private timer = 0;
  private shown: string | null = null;

  constructor(
    private readonly patience: number,
    private readonly restart: () => void
  ) {}

  /** An interrupt was made. */
  begin(): void {
    if (this.timer === 0) {
      this.timer = window.setTimeout(() => {
        this.offer();
      }, this.patience);
    }
  }

  /** The kernel has taken the interrupt, or is gone. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.shown !== null) {
      Notification.dismiss(this.shown);
      this.shown = null;
    }
  }

  private offer(): void {
    const text = 'The kernel does not react to the interrupt. A restart keeps your files.';
    const actions = [{ label: 'Restart the kernel', callback: this.restart }];
    this.shown = Notification.warning(text, { autoClose: false, actions });
  }
}
