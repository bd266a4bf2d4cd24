/** Answers what the worker asks of the page and waits for. */

import type { DriveContentsProcessor } from '@jupyterlite/services';

import type { Call, InputAnswer, Packet } from '../common/protocol';

/** Milliseconds after which a question that came through the service worker is asked again. */
const SLICE = 15_000;

export interface DeskHost {
  /** Sends an input_request to the client. */
  send(packet: Packet): void;
  drive: Pick<DriveContentsProcessor, 'processDriveRequest'>;
}

type DriveRequest = Parameters<DriveContentsProcessor['processDriveRequest']>[0];

export class Desk {
  private question = -1;
  private readonly waiting = new Set<(answer: InputAnswer) => void>();
  private kept: InputAnswer | null = null;
  private readonly sleepers = new Set<() => void>();
  private named = 0;

  constructor(private readonly host: DeskHost) {}

  /** The answer, as JSON can carry it. */
  answer(call: Call, slice = SLICE): unknown {
    switch (call.kind) {
      case 'ping':
        return 'pong';
      case 'interrupt':
        return this.takeInterrupt();
      case 'sleep':
        return this.sleep(call.milliseconds);
      case 'input':
        return this.input(call.id, call.packet, slice);
      case 'drive':
        return this.driveRequest(call.request);
    }
  }

  /** The user has answered. What nobody waits for is dropped. */
  inputReply(content: string): void {
    this.settle({ status: 'ok', content });
  }

  /** The user has clicked stop; `named` is the last request that was sent. */
  interrupt(named: number): void {
    this.named = named;
    for (const wake of this.sleepers) {
      wake();
    }
    this.settle({ status: 'interrupted' });
  }

  private takeInterrupt(): number {
    const { named } = this;
    this.named = 0;
    return named;
  }

  private sleep(milliseconds: number): Promise<number> {
    if (this.named !== 0) {
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

  /** A question that is asked again, because a slice has passed, is not sent again. */
  private input(id: number, packet: Packet, slice: number): Promise<InputAnswer> {
    if (id !== this.question || id === 0) {
      this.question = id;
      this.kept = null;
      this.host.send(packet);
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
      const timer = Number.isFinite(slice)
        ? setTimeout(() => {
            finish({ status: 'again' });
          }, slice)
        : undefined;
      this.waiting.add(finish);
    });
  }

  /** An answer that comes between two slices is kept for the second. */
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
