/** Answers the calls that the worker makes to the page: input, sleep, interrupts, files. */

import type { DriveContentsProcessor } from '@jupyterlite/services';

import type { Call, InputAnswer, SerializedMessage } from '../common/protocol';

/** Milliseconds after which an input call through the service worker is answered with `again`. */
const LONG_POLL = 15_000;

export interface CallHandlerHost {
  /** Sends an input_request to the client. */
  send(message: SerializedMessage): void;
  drive: Pick<DriveContentsProcessor, 'processDriveRequest'>;
}

type DriveRequest = Parameters<DriveContentsProcessor['processDriveRequest']>[0];

export class CallHandler {
  private question = -1;
  private readonly waiting = new Set<(answer: InputAnswer) => void>();
  private kept: InputAnswer | null = null;
  private readonly sleepers = new Set<() => void>();
  private lastRequest = 0;

  constructor(private readonly host: CallHandlerHost) {}

  /** The answer, as JSON can carry it. */
  answer(call: Call, timeout = LONG_POLL): unknown {
    switch (call.kind) {
      case 'ping':
        return 'pong';
      case 'interrupt':
        return this.takeInterrupt();
      case 'sleep':
        return this.sleep(call.milliseconds);
      case 'input':
        return this.input(call.id, call.message, timeout);
      case 'drive':
        return this.driveRequest(call.request);
    }
  }

  /** An input_reply has come. */
  inputReply(content: string): void {
    this.settle({ status: 'ok', content });
  }

  /** The user has clicked stop; `lastRequest` is the number of the last request that was sent. */
  interrupt(lastRequest: number): void {
    this.lastRequest = lastRequest;
    for (const wake of this.sleepers) {
      wake();
    }
    this.settle({ status: 'interrupted' });
  }

  private takeInterrupt(): number {
    const { lastRequest } = this;
    this.lastRequest = 0;
    return lastRequest;
  }

  private sleep(milliseconds: number): Promise<number> {
    if (this.lastRequest !== 0) {
      return Promise.resolve(this.takeInterrupt());
    }
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(wake);
        resolve(this.takeInterrupt());
      };
      const timer = setTimeout(wake, milliseconds);
      this.sleepers.add(wake);
    });
  }

  /** A call that is repeated after `again` does not send its input_request a second time. */
  private input(id: number, message: SerializedMessage, timeout: number): Promise<InputAnswer> {
    if (id !== this.question || id === 0) {
      this.question = id;
      this.kept = null;
      this.host.send(message);
    }
    const { kept } = this;
    if (kept !== null) {
      this.kept = null;
      return Promise.resolve(kept);
    }
    return new Promise((resolve) => {
      const finish = (answer: InputAnswer): void => {
        clearTimeout(timer);
        this.waiting.delete(finish);
        resolve(answer);
      };
      // setTimeout takes Infinity for 0
      const timer = Number.isFinite(timeout)
        ? setTimeout(() => {
            finish({ status: 'again' });
          }, timeout)
        : undefined;
      this.waiting.add(finish);
    });
  }

  /** An answer that comes between a call and its repetition is kept for the repetition. */
  private settle(answer: InputAnswer): void {
    if (this.waiting.size === 0) {
      this.kept = answer;
    }
    for (const finish of [...this.waiting]) {
      finish(answer);
    }
  }

  private async driveRequest(request: unknown): Promise<unknown> {
    try {
      return { value: await this.host.drive.processDriveRequest(request as DriveRequest) };
    } catch (error) {
      return { error: error instanceof Error ? error.name : String(error) };
    }
  }
}
