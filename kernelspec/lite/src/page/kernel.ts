/** A kernel as JupyterLite sees it: hands messages to its worker, and the worker's to the clients. */

import { KernelMessage } from '@jupyterlab/services';
import type { IServiceWorkerManager } from '@jupyterlite/apputils';
import type { IKernel } from '@jupyterlite/services';
import { Signal } from '@lumino/signaling';

import { newMemory } from '../common/layout';
import type { Packet, ToPage, ToWorker } from '../common/protocol';
import { Desk } from './desk';
import type { DeskHost } from './desk';
import { Watch } from './interrupt';
import type { Interruptible } from './interrupt';
import { ProgressLine } from './progress';
import { toMessage, toPacket } from './routing';
import { serviceWorkerId } from './serviceworker';
import type { Settings } from './settings';
import { Writer } from './writer';

/** What all kernels of a page share. */
export interface Surroundings {
  settings: Settings;
  drive: DeskHost['drive'];
  serviceWorker: IServiceWorkerManager | null;
  /** Why no kernel can run here, or ''. */
  complaint: string;
  restart(): Promise<void>;
}

export class CarmeKernel implements IKernel, Interruptible {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  /** At once: the worker keeps what comes before Python is loaded. */
  readonly ready = Promise.resolve();
  readonly disposed = new Signal<this, void>(this);
  readonly desk: Desk;
  isDisposed = false;

  private readonly memory = crossOriginIsolated ? newMemory() : null;
  private readonly writer = this.memory === null ? null : new Writer(this.memory);
  private readonly progress = new ProgressLine();
  private readonly watch: Watch;
  private worker: Worker | null = null;
  private early: ToWorker[] = [];
  private sent = 0;
  private failure = '';
  private client = '';

  constructor(
    private readonly options: IKernel.IOptions,
    private readonly around: Surroundings
  ) {
    this.id = options.id;
    this.name = options.name;
    this.location = options.location;
    this.desk = new Desk({ drive: around.drive, send: this.send.bind(this) });
    this.watch = new Watch(around.settings.patience, () => void around.restart());
    if (around.complaint === '') {
      this.start().catch((error: unknown) => {
        this.fail(String(error));
      });
    } else {
      this.fail(around.complaint);
    }
  }

  handleMessage(message: KernelMessage.IMessage): Promise<void> {
    this.client = message.header.session;
    if (this.failure !== '') {
      this.sayDead();
    } else if (message.header.msg_type === 'input_reply') {
      this.desk.inputReply(JSON.stringify(message.content));
    } else {
      this.hand(message);
    }
    return Promise.resolve();
  }

  /** An interrupt is for what was sent before it: see worker/interrupts.ts. */
  interrupt(): void {
    if (this.sent === 0 || this.failure !== '') {
      return;
    }
    this.writer?.interrupt(this.sent);
    this.desk.interrupt(this.sent);
    this.tell({ type: 'interrupt', sequence: this.sent });
    this.watch.begin();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    this.worker?.terminate();
    this.watch.end();
    this.progress.hide();
    this.disposed.emit();
    Signal.clearData(this);
  }

  private async start(): Promise<void> {
    const { settings, serviceWorker } = this.around;
    this.progress.show('loading');
    const browsingContextId = await serviceWorkerId(serviceWorker, settings.ways);
    if (this.isDisposed) {
      return;
    }
    const worker = new Worker(new URL('../worker/carme-worker.js', import.meta.url).href, {
      type: 'module'
    });
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      this.receive(data);
    };
    worker.onerror = (event) => {
      this.fail(event.message || 'its worker can not be loaded');
    };
    const { memory, id: kernelId, location: folder } = this;
    const moduleUrl = new URL('../worker/_carme.abi3.so', import.meta.url).href;
    const { baseUrl, pyodideUrl, ways } = settings;
    const names = { kernelId, folder, browsingContextId, baseUrl, pyodideUrl, moduleUrl };
    worker.postMessage({ type: 'start', settings: { ...names, ways, memory } } satisfies ToWorker);
    for (const message of this.early) {
      worker.postMessage(message);
    }
    this.early = [];
    this.worker = worker;
  }

  private hand(message: KernelMessage.IMessage): void {
    const packet = toPacket(message);
    if (message.header.msg_type === ('interrupt_request' as string)) {
      this.interrupt();
    }
    this.sent += 1;
    this.tell({ type: 'packet', sequence: this.sent, packet }, packet.buffers);
  }

  private tell(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.worker === null) {
      this.early.push(message);
    } else {
      this.worker.postMessage(message, transfer);
    }
  }

  private receive(message: ToPage): void {
    if (this.isDisposed) {
      return;
    }
    switch (message.type) {
      case 'packet':
        this.send(message.packet);
        break;
      case 'call':
        void this.answer(message);
        break;
      case 'more':
        this.writer?.more();
        break;
      case 'heard':
        this.watch.end();
        break;
      case 'progress':
        this.progress.show(message.text);
        break;
      case 'ready':
        this.progress.hide();
        break;
      case 'failed':
        this.fail(message.text);
        break;
    }
  }

  private async answer({ id, call }: Extract<ToPage, { type: 'call' }>): Promise<void> {
    const answer = await this.desk.answer(call, Infinity);
    if (id === 0) {
      this.writer?.answer(answer);
    } else {
      this.tell({ type: 'answer', id, answer });
    }
  }

  private send(packet: Packet): void {
    const message = toMessage(packet, this.client);
    this.options.sendMessage(message);
    if (message.header.msg_type === ('shutdown_reply' as string)) {
      this.dispose();
    }
  }

  private fail(reason: string): void {
    this.failure = `The kernel can not start: ${reason}`;
    console.error(this.failure);
    this.progress.fail(this.failure);
    this.worker?.terminate();
    if (this.client !== '') {
      this.sayDead();
    }
  }

  private sayDead(): void {
    const message = KernelMessage.createMessage<KernelMessage.IStatusMsg>({
      channel: 'iopub',
      session: this.client,
      msgType: 'status',
      content: { execution_state: 'dead' }
    });
    this.options.sendMessage(message);
  }
}
