/** The worker of one kernel: loads Pyodide and the kernel's module, and delivers messages. */

import type { SerializedMessage, ToPage, ToWorker, WorkerSettings } from '../common/protocol';
import { FlushTimer } from './flush-timer';
import { mountFiles } from './drive-fs';
import { History } from './history';
import { BlockingHost, Host } from './host';
import type { HostParts } from './host';
import { Interrupts, RunningRequests } from './interrupts';
import { connectOutput, importKernel, importSite, loadPython } from './pyodide-loading';
import { Outbox } from './outbox';
import type { Lite, Site } from './pyodide-types';
import { SuspendingHost } from './suspending-host';
import { selectCalls } from './calls/selection';
import type { SelectedCalls } from './calls/selection';
import { hasJspi } from './calls/jspi';

declare const self: DedicatedWorkerGlobalScope;

interface Waiting {
  sequence: number;
  message: SerializedMessage;
}

class Worker {
  private readonly queue: Waiting[] = [];
  private readonly running = new RunningRequests();
  private readonly outbox: Outbox;
  private readonly interrupts: Interrupts;
  private readonly calls: SelectedCalls;
  private lite: Lite | null = null;
  private readonly flushTimer = new FlushTimer(() => this.lite?.tick());

  constructor(private readonly settings: WorkerSettings) {
    this.calls = selectCalls(settings, post);
    const { blocking } = this.calls;
    this.interrupts = new Interrupts(this.calls.source, this.running, () => {
      post({ type: 'heard' });
    });
    this.outbox = new Outbox({ post, settle: () => blocking?.call({ kind: 'ping' }) });
  }

  /** Loads everything; messages that have come meanwhile are delivered then. */
  async start(): Promise<void> {
    const { pyodideUrl, moduleUrl, folder } = this.settings;
    const opening = History.open();
    const pyodide = await loadPython(pyodideUrl, moduleUrl, (text) => {
      post({ type: 'progress', text });
    });
    if (this.calls.blocking !== null) {
      mountFiles(pyodide, this.calls.blocking, folder);
    }
    const site = importSite(pyodide, pyodideUrl);
    const lite = importKernel(pyodide);
    const abi = pyodide.lockfile.info.abi_version;
    lite.start(this.host(site, { version: pyodide.version, abi, history: await opening }));
    lite.set_wheels?.(new URL('.', pyodideUrl).href);
    connectOutput(pyodide, lite);
    pyodide.setInterruptBuffer(this.interrupts.buffer(() => this.flushTimer.signal()));
    this.lite = lite;
    post({ type: 'ready', way: this.calls.name });
    this.deliver();
  }

  push(waiting: Waiting): void {
    this.queue.push(waiting);
    this.deliver();
  }

  /** An interrupt message: no Python runs, but a cell may await. */
  interrupt(sequence: number): void {
    const isWaiting = this.calls.jspi?.isWaiting() ?? false;
    this.calls.nudge(sequence);
    // a call or sleep that waits takes the interrupt itself
    if (!isWaiting && this.interrupts.take()) {
      this.lite?.interrupt?.();
    }
  }

  answer(id: number, answer: unknown): void {
    this.calls.jspi?.answer(id, answer);
  }

  private deliver(): void {
    const { lite, queue } = this;
    if (lite === null) {
      return;
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      this.running.begin(next.message.header, next.sequence);
      pushTo(lite, next.message);
    }
  }

  private host(site: Site, given: Pick<HostParts, 'version' | 'abi' | 'history'>): unknown {
    const { outbox, running, interrupts, flushTimer } = this;
    const parts = { outbox, running, interrupts, flushTimer, ...given };
    if (this.calls.blocking !== null) {
      return new BlockingHost(parts, this.calls.blocking);
    }
    if (this.calls.jspi !== null) {
      return site.suspending(new SuspendingHost(parts, this.calls.jspi));
    }
    return new Host(parts);
  }
}

/** Where Python can be suspended, it must be called with callPromising(). */
function pushTo(lite: Lite, message: SerializedMessage): void {
  const { channel, header, parent, metadata, content } = message;
  const buffers = message.buffers.map((buffer) => new Uint8Array(buffer));
  const values = [channel, header, parent, metadata, content, buffers] as const;
  try {
    if (hasJspi()) {
      lite.push.callPromising(...values).catch(report);
    } else {
      lite.push(...values);
    }
  } catch (error) {
    report(error);
  }
}

let worker: Worker | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'start':
      worker = new Worker(data.settings);
      worker.start().catch(fail);
      break;
    case 'message':
      worker?.push(data);
      break;
    case 'interrupt':
      worker?.interrupt(data.sequence);
      break;
    case 'answer':
      worker?.answer(data.id, data.answer);
      break;
  }
};

function post(message: ToPage, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

function fail(error: unknown): void {
  post({ type: 'failed', text: error instanceof Error ? error.message : String(error) });
}

/** push() raises nothing because of a message: what it raises is a bug, for the console. */
function report(error: unknown): void {
  console.error('carme:', error);
}
