/** The page's half of the shared memory: answers in parts, as the worker reads them. */

import { INTERRUPT, LAST, LENGTH, layout, PART, STATE } from '../common/layout';
import type { Layout } from '../common/layout';

export class Writer {
  private readonly shared: Layout;
  private rest: Uint8Array = new Uint8Array();

  constructor(memory: SharedArrayBuffer) {
    this.shared = layout(memory);
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

  /** Tells of an interrupt, whatever Python does. */
  interrupt(named: number): void {
    Atomics.store(this.shared.words, INTERRUPT, named);
    Atomics.notify(this.shared.words, INTERRUPT);
  }
}
