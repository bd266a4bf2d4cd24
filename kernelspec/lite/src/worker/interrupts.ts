/**
 * Which interrupt is for whom, and the buffer that Pyodide polls.
 *
 * An interrupt names the last request that had been sent when it was made. It is for the request
 * that runs if that one is no younger, and for nobody otherwise: a click on a kernel that has
 * nothing to do must not end the next cell.
 */

const SIGINT = 2;
const MESSAGE_ID = /"msg_id"\s*:\s*"((?:[^"\\]|\\.)*)"/;

/** Where interrupts come from. */
export interface InterruptSource {
  /** 0, or the request that the newest interrupt names. Called often: must be cheap. */
  peek(): number;
  /** Forgets an interrupt that peek has told, unless a newer one has taken its place. */
  take(seen: number): void;
}

/** Requests that have begun and not ended. */
export class RunningRequests {
  private readonly requests = new Map<string, number>();

  begin(header: string, sequence: number): void {
    this.requests.set(messageId(header), sequence);
  }

  end(parent: string): void {
    this.requests.delete(messageId(parent));
  }

  /** Whether an interrupt that names this request hits what runs. */
  isHit(lastRequest: number): boolean {
    for (const sequence of this.requests.values()) {
      if (sequence <= lastRequest) {
        return true;
      }
    }
    return false;
  }
}

/** Answers whether the program is interrupted, in the two forms that are asked for. */
export class Interrupts {
  constructor(
    private readonly source: InterruptSource,
    private readonly running: RunningRequests,
    private readonly heard: () => void
  ) {}

  /** Reads and clears. */
  take(): boolean {
    const seen = this.source.peek();
    if (seen === 0) {
      return false;
    }
    this.source.take(seen);
    this.heard();
    return this.running.isHit(seen);
  }

  /**
   * What setInterruptBuffer takes in place of an array. Pyodide reads and then writes 0: an array
   * would lose an interrupt that came between the two, so the write only clears what was read.
   * `otherSignal` is asked where there is no interrupt.
   */
  buffer(otherSignal: () => number): Uint8Array {
    let seen = 0;
    const accessor = {
      get: (): number => {
        seen = this.source.peek();
        return seen !== 0 && this.running.isHit(seen) ? SIGINT : otherSignal();
      },
      set: (): void => {
        if (seen !== 0) {
          this.source.take(seen);
          this.heard();
          seen = 0;
        }
      }
    };
    return Object.defineProperty({}, 0, accessor) as Uint8Array;
  }
}

function messageId(header: string): string {
  return MESSAGE_ID.exec(header)?.[1] ?? '';
}
