/** What the kernel in C may ask of the browser: the `host` of lite.start(). */

import type { Channel, InputAnswer, Packet } from '../common/protocol';
import type { Alarm } from './alarm';
import type { History } from './history';
import type { Interrupts, Running } from './interrupts';
import type { Outbox } from './packets';
import { NO_WAY } from './ways/way';
import type { Way } from './ways/way';

const STATUS = /"msg_type"\s*:\s*"status"/;
const IDLE = /"execution_state"\s*:\s*"idle"/;

export interface HostParts {
  outbox: Outbox;
  running: Running;
  interrupts: Interrupts;
  alarm: Alarm;
  version: string;
  abi: string;
  history: History | null;
}

/** The part that is the same whatever way there is. Names are those of the interface in C. */
export class Host {
  readonly kernel_version: string;
  readonly abi: string;
  /** Tells the kernel that interrupted() knows for whom an interrupt is. */
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
    outbox.add({ channel, header, parent, metadata, content, buffers: buffers.map(whole) });
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

  /** The kernel has text that may wait so long for more of it. */
  arm(milliseconds: number): void {
    this.parts.alarm.set(milliseconds);
  }

  /** Asks the user with an input_request's four texts; undefined: interrupted. */
  ask(...texts: string[]): string | undefined {
    throw new Error(texts.length > 0 ? NO_WAY : '');
  }

  /** Nothing here can wait: the processor turns. True: ended by an interrupt. */
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

/** With a way that blocks. */
export class BlockingHost extends Host {
  private questions = 0;

  constructor(
    parts: HostParts,
    private readonly way: Way
  ) {
    super(parts);
  }

  override ask(...texts: string[]): string | undefined {
    const packet = inputRequest(texts);
    const id = ++this.questions;
    for (;;) {
      const answer = this.way.call({ kind: 'input', id, packet }) as InputAnswer;
      if (answer.status !== 'again') {
        return this.finish(answer);
      }
    }
  }

  override sleep(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - performance.now()) {
      this.way.sleep(left);
      if (this.parts.interrupts.take()) {
        return true;
      }
    }
    return false;
  }

  /** An interrupt that ended the question must not end what comes after it, too. */
  private finish(answer: InputAnswer): string | undefined {
    if (answer.status === 'ok') {
      return answer.content;
    }
    this.parts.interrupts.take();
    return undefined;
  }
}

/** The message that ask() is given as texts. */
export function inputRequest(texts: string[]): Packet {
  const [header = '{}', parent = '{}', metadata = '{}', content = '{}'] = texts;
  return { channel: 'stdin', header, parent, metadata, content, buffers: [] };
}

/** A block as something that can be handed over. */
function whole(block: Uint8Array): ArrayBuffer {
  const { buffer } = block;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === block.byteLength;
  return isWhole ? buffer : block.slice().buffer;
}
