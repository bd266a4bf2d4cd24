/** The host where Python is suspended (JSPI) while it waits: carme_site.py awaits the promises. */

import type { InputAnswer } from '../common/protocol';
import { Host, inputRequest } from './host';
import type { HostParts } from './host';
import type { JspiCalls } from './calls/jspi';

export class SuspendingHost extends Host {
  constructor(
    parts: HostParts,
    private readonly calls: JspiCalls
  ) {
    super(parts);
  }

  /** Resolves with an input_reply's content, or undefined when it was interrupted. */
  async ask_later(...texts: string[]): Promise<string | undefined> {
    const message = inputRequest(texts);
    const answer = (await this.calls.call({ kind: 'input', id: 0, message })) as InputAnswer;
    if (answer.status === 'ok') {
      return answer.content;
    }
    this.parts.interrupts.take();
    return undefined;
  }

  /** Resolves with true when an interrupt has ended it. */
  async sleep_later(milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - performance.now()) {
      await this.calls.sleep(left);
      if (this.parts.interrupts.take()) {
        return true;
      }
    }
    return false;
  }
}
