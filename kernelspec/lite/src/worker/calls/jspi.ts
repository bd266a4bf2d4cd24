/**
 * Calls with JavaScript Promise Integration: Python is suspended while the worker's event loop goes
 * on, and the answer arrives as a message like any other.
 */

import type { Call, ToPage } from '../../common/protocol';
import type { InterruptSource } from '../interrupts';

/** Whether the browser has it. */
export function hasJspi(): boolean {
  return 'Suspending' in WebAssembly && 'promising' in WebAssembly;
}

export class JspiCalls implements InterruptSource {
  private readonly waiting = new Map<number, (answer: unknown) => void>();
  private readonly sleepers = new Set<() => void>();
  private callCount = 0;
  private lastRequest = 0;

  constructor(private readonly post: (message: ToPage) => void) {}

  /** Asks the page; for Python to wait for with run_sync. */
  call(call: Call): Promise<unknown> {
    const id = ++this.callCount;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.post({ type: 'call', id, call });
    });
  }

  /** Whether Python is suspended in call() or sleep(). */
  isWaiting(): boolean {
    return this.waiting.size > 0 || this.sleepers.size > 0;
  }

  /** The page has answered. */
  answer(id: number, answer: unknown): void {
    this.waiting.get(id)?.(answer);
    this.waiting.delete(id);
  }

  /** Resolves after that time, or with an interrupt. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.sleepers.add(wake);
    });
  }

  /** The page has sent an interrupt. */
  interrupt(lastRequest: number): void {
    this.lastRequest = lastRequest;
    for (const wake of this.sleepers) {
      wake();
    }
  }

  peek(): number {
    return this.lastRequest;
  }

  take(seen: number): void {
    if (this.lastRequest === seen) {
      this.lastRequest = 0;
    }
  }
}
