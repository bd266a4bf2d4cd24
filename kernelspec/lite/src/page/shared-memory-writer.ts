/** Writes the page's answers into the shared memory, in parts of the size that it has. */

import { INTERRUPT, LAST, LENGTH, viewSharedMemory, PART, STATE } from '../common/shared-memory';
import type { SharedMemory } from '../common/shared-memory';

export class SharedMemoryWriter {
  private readonly shared: SharedMemory;
  private rest: Uint8Array = new Uint8Array();

  constructor(memory: SharedArrayBuffer) {
    this.shared = viewSharedMemory(memory);
  }

  /** Answers a call. */
  answer(answer: unknown): void {
    this.rest = new TextEncoder().encode(JSON.stringify(answer ?? null));
    this.more();
  }

  /** The worker has read a part. */
  more(): void {
    const { words, text } = this.shared;
    const part = this.rest.subarray(0, text.length);
    this.rest = this.rest.subarray(part.length);
    text.set(part);
    Atomics.store(words, LENGTH, part.length);
    Atomics.store(words, STATE, this.rest.length > 0 ? PART : LAST);
    Atomics.notify(words, STATE);
  }

  /** Sets the interrupt, which Python polls also while it computes. */
  interrupt(lastRequest: number): void {
    Atomics.store(this.shared.words, INTERRUPT, lastRequest);
    Atomics.notify(this.shared.words, INTERRUPT);
  }
}
