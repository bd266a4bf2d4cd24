/** Calls through a SharedArrayBuffer and Atomics. Needs COOP and COEP headers. */

import {
  EMPTY,
  INTERRUPT,
  LAST,
  LENGTH,
  viewSharedMemory,
  STATE
} from '../../common/shared-memory';
import type { SharedMemory } from '../../common/shared-memory';
import type { Call, ToPage } from '../../common/protocol';
import type { BlockingCalls } from './blocking-calls';

export class SharedMemoryCalls implements BlockingCalls {
  private readonly shared: SharedMemory;

  constructor(
    memory: SharedArrayBuffer,
    private readonly post: (message: ToPage) => void
  ) {
    this.shared = viewSharedMemory(memory);
  }

  call(call: Call): unknown {
    Atomics.store(this.shared.words, STATE, EMPTY);
    this.post({ type: 'call', id: 0, call });
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      Atomics.wait(this.shared.words, STATE, EMPTY);
      const isLast = Atomics.load(this.shared.words, STATE) === LAST;
      text += decoder.decode(this.part(), { stream: !isLast });
      if (isLast) {
        return JSON.parse(text);
      }
      Atomics.store(this.shared.words, STATE, EMPTY);
      this.post({ type: 'more' });
    }
  }

  sleep(milliseconds: number): void {
    Atomics.wait(this.shared.words, INTERRUPT, 0, milliseconds);
  }

  peek(): number {
    return Atomics.load(this.shared.words, INTERRUPT);
  }

  take(seen: number): void {
    Atomics.compareExchange(this.shared.words, INTERRUPT, seen, 0);
  }

  /** TextDecoder refuses shared memory, hence the copy. */
  private part(): Uint8Array {
    return this.shared.text.slice(0, Atomics.load(this.shared.words, LENGTH));
  }
}
