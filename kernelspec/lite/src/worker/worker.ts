/** The worker of one kernel: loads Python and the kernel in C, and hands messages over. */

import type { Packet, ToPage, ToWorker, WorkerSettings } from '../common/protocol';
import { Alarm } from './alarm';
import { mountFiles } from './drive';
import { History } from './history';
import { BlockingHost, Host } from './host';
import type { HostParts } from './host';
import { Interrupts, Running } from './interrupts';
import { connectOutput, importLite, importSite, loadPython } from './load';
import { Outbox } from './packets';
import type { Lite, Site } from './python';
import { SuspendingHost } from './suspending';
import { chooseWay } from './ways/choose';
import type { Chosen } from './ways/choose';
import { hasJspi } from './ways/jspi';

declare const self: DedicatedWorkerGlobalScope;

interface Waiting {
  sequence: number;
  packet: Packet;
}

class Worker {
  private readonly queue: Waiting[] = [];
  private readonly running = new Running();
  private readonly outbox: Outbox;
  private readonly interrupts: Interrupts;
  private readonly way: Chosen;
  private lite: Lite | null = null;
  private readonly alarm = new Alarm(() => this.lite?.tick());

  constructor(private readonly settings: WorkerSettings) {
    this.way = chooseWay(settings, post);
    const { blocking } = this.way;
    this.interrupts = new Interrupts(this.way.source, this.running, () => {
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
    if (this.way.blocking !== null) {
      mountFiles(pyodide, this.way.blocking, folder);
    }
    const site = importSite(pyodide, pyodideUrl);
    const lite = importLite(pyodide);
    const abi = pyodide.lockfile.info.abi_version;
    lite.start(this.host(site, { version: pyodide.version, abi, history: await opening }));
    lite.set_wheels?.(new URL('.', pyodideUrl).href);
    connectOutput(pyodide, lite);
    pyodide.setInterruptBuffer(this.interrupts.buffer(() => this.alarm.signal()));
    this.lite = lite;
    post({ type: 'ready', way: this.way.name });
    this.deliver();
  }

  push(waiting: Waiting): void {
    this.queue.push(waiting);
    this.deliver();
  }

  /** An interrupt, told from the event loop: no Python runs, but a cell may await. */
  interrupt(sequence: number): void {
    const isWaiting = this.way.jspi?.isWaiting() ?? false;
    this.way.nudge(sequence);
    // what waits takes the interrupt itself
    if (!isWaiting && this.interrupts.take()) {
      this.lite?.interrupt?.();
    }
  }

  answer(id: number, answer: unknown): void {
    this.way.jspi?.answer(id, answer);
  }

  private deliver(): void {
    const { lite, queue } = this;
    if (lite === null) {
      return;
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      this.running.begin(next.packet.header, next.sequence);
      hand(lite, next.packet);
    }
  }

  private host(site: Site, given: Pick<HostParts, 'version' | 'abi' | 'history'>): unknown {
    const { outbox, running, interrupts, alarm } = this;
    const parts = { outbox, running, interrupts, alarm, ...given };
    if (this.way.blocking !== null) {
      return new BlockingHost(parts, this.way.blocking);
    }
    if (this.way.jspi !== null) {
      return site.suspending(new SuspendingHost(parts, this.way.jspi));
    }
    return new Host(parts);
  }
}

/** Where Python can be suspended it must be entered in the way that allows it. */
function hand(lite: Lite, packet: Packet): void {
  const { channel, header, parent, metadata, content } = packet;
  const buffers = packet.buffers.map((buffer) => new Uint8Array(buffer));
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
    case 'packet':
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

/** The kernel never raises for what it is handed; if it does, the console should have it. */
function report(error: unknown): void {
  console.error('carme:', error);
}
