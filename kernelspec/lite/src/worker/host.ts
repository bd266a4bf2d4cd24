/** What the kernel may ask of the browser: the `host` of worker_api.start(). */

import type { Channel, InputAnswer, SerializedMessage } from '../common/protocol';
import type { FlushTimer } from './flush-timer';
import type { History } from './history';
import type { Interrupts, RunningRequests } from './interrupts';
import type { Outbox } from './outbox';
import { NO_BLOCKING_CALLS } from './calls/blocking-calls';
import type { BlockingCalls } from './calls/blocking-calls';

const STATUS = /"msg_type"\s*:\s*"status"/;
const IDLE = /"execution_state"\s*:\s*"idle"/;

export interface HostParts {
  outbox: Outbox;
  running: RunningRequests;
  interrupts: Interrupts;
  flushTimer: FlushTimer;
  version: string;
  abi: string;
  history: History | null;
}

/** Without calls that wait. Its methods have the names of Host in worker_api.py. */
export class Host {
  readonly kernel_version: string;
  readonly abi: string;
  /** interrupted() is only true for an interrupt that is meant for a request that runs. */
  readonly judges_interrupts = true;
  /** Older sessions' cells as JSON; undefined: nothing is kept here. */
  readonly history: string | undefined;

  constructor(protected readonly parts: HostParts) {
    this.kernel_version = parts.version;
    this.abi = parts.abi;
    this.history = parts.history === null ? undefined : JSON.stringify(parts.history.older);
  }

  keep(line: number, code: string): void {
    this.parts.history?.keep(line, code);
  }

  post(
    channel: Channel,
    header: string,
    parent: string,
    metadata: string,
    content: string,
    buffers: Uint8Array[] = []
  ): void {
    const { outbox, running } = this.parts;
    outbox.add({ channel, header, parent, metadata, content, buffers: buffers.map(ownBuffer) });
    if (STATUS.test(header) && IDLE.test(content)) {
      running.end(parent);
    }
  }

  now(): number {
    return performance.timeOrigin + performance.now();
  }

  random(count: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(count));
  }

  interrupted(): boolean {
    return this.parts.interrupts.take();
  }

  /** The kernel collects text for so long before it is sent. */
  arm(milliseconds: number): void {
    this.parts.flushTimer.set(milliseconds);
  }

  /** Asks the user with an input_request's four texts; undefined: interrupted. */
  ask(...texts: string[]): string | undefined {
    throw new Error(texts.length > 0 ? NO_BLOCKING_CALLS : '');
  }

  /** Nothing can block here: polls until the end. True: ended by an interrupt. */
  sleep(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      if (this.parts.interrupts.take()) {
        return true;
      }
    }
    return false;
  }
}

/** With calls that block the worker. */
export class BlockingHost extends Host {
  private questions = 0;

  constructor(
    parts: HostParts,
    private readonly calls: BlockingCalls
  ) {
    super(parts);
  }

  override ask(...texts: string[]): string | undefined {
    const message = inputRequest(texts);
    const id = ++this.questions;
    for (;;) {
      const answer = this.calls.call({ kind: 'input', id, message }) as InputAnswer;
      if (answer.status !== 'again') {
        return this.finish(answer);
      }
    }
  }

  override sleep(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - performance.now()) {
      this.calls.sleep(left);
      if (this.parts.interrupts.take()) {
        return true;
      }
    }
    return false;
  }

  /** Clears the interrupt that has ended the question. */
  private finish(answer: InputAnswer): string | undefined {
    if (answer.status === 'ok') {
      return answer.content;
    }
    this.parts.interrupts.take();
    return undefined;
  }
}

/** The message that ask() is given as texts. */
export function inputRequest(texts: string[]): SerializedMessage {
  const [header = '{}', parent = '{}', metadata = '{}', content = '{}'] = texts;
  return { channel: 'stdin', header, parent, metadata, content, buffers: [] };
}

/** The bytes as a buffer that can be transferred. */
function ownBuffer(block: Uint8Array): ArrayBuffer {
  const { buffer } = block;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === block.byteLength;
  return isWhole ? buffer : block.slice().buffer;
}
