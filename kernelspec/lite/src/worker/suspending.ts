/** The host where waiting is done by suspending Python: carme_site.py waits for the promises. */

import type { InputAnswer } from '../common/protocol';
import { Host, inputRequest } from './host';
import type { HostParts } from './host';
import type { JspiWay } from './ways/jspi';

export class SuspendingHost extends Host {
  constructor(
    parts: HostParts,
    private readonly way: JspiWay
  ) {
    super(parts);
  }

  /** Passes with an input_reply's content, or undefined when it was interrupted. */
  async ask_later(...texts: string[]): Promise<string | undefined> {
    const packet = inputRequest(texts);
    const answer = (await this.way.call({ kind: 'input', id: 0, packet })) as InputAnswer;
    if (answer.status === 'ok') {
      return answer.content;
    }
    this.parts.interrupts.take();
    return undefined;
  }

  /** Passes with true when an interrupt has ended it. */
  async sleep_later(milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - performance.now()) {
      await this.way.sleep(left);
      if (this.parts.interrupts.take()) {
        return true;
      }
    }
    return false;
  }
}
