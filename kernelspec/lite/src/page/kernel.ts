/** JupyterLite's IKernel: forwards clients' messages to the worker, and the worker's to the clients. */

import { KernelMessage } from '@jupyterlab/services';
import type { IServiceWorkerManager } from '@jupyterlite/apputils';
import type { IKernel } from '@jupyterlite/services';
import { Signal } from '@lumino/signaling';

import { newSharedMemory } from '../common/shared-memory';
import type { SerializedMessage, ToPage, ToWorker } from '../common/protocol';
import { CallHandler } from './call-handler';
import type { CallHandlerHost } from './call-handler';
import { InterruptWatchdog } from './interrupts';
import type { Interruptible } from './interrupts';
import { ProgressLine } from './progress';
import { parseMessage, serializeMessage } from './message-conversion';
import { serviceWorkerId } from './service-worker';
import type { Settings } from './settings';
import { SharedMemoryWriter } from './shared-memory-writer';

/** What all kernels of a page share. */
export interface KernelContext {
  settings: Settings;
  drive: CallHandlerHost['drive'];
  serviceWorker: IServiceWorkerManager | null;
  /** Why no kernel can run in this browser; '' where one can. */
  unsupportedReason: string;
  restart(): Promise<void>;
}

export class CarmeKernel implements IKernel, Interruptible {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  /** At once: the worker keeps what comes before Python is loaded. */
  readonly ready = Promise.resolve();
  readonly disposed = new Signal<this, void>(this);
  readonly callHandler: CallHandler;
  isDisposed = false;

  private readonly memory = crossOriginIsolated ? newSharedMemory() : null;
  private readonly writer = this.memory === null ? null : new SharedMemoryWriter(this.memory);
  private readonly progress = new ProgressLine();
  private readonly watchdog: InterruptWatchdog;
  private worker: Worker | null = null;
  private queued: ToWorker[] = [];
  private sent = 0;
  private failure = '';
  private client = '';

  constructor(
    private readonly options: IKernel.IOptions,
    private readonly context: KernelContext
  ) {
    this.id = options.id;
    this.name = options.name;
    this.location = options.location;
    this.callHandler = new CallHandler({ drive: context.drive, send: this.send.bind(this) });
    this.watchdog = new InterruptWatchdog(context.settings.patience, () => void context.restart());
    if (context.unsupportedReason === '') {
      this.start().catch((error: unknown) => {
        this.fail(String(error));
      });
    } else {
      this.fail(context.unsupportedReason);
    }
  }

  handleMessage(message: KernelMessage.IMessage): Promise<void> {
    this.client = message.header.session;
    if (this.failure !== '') {
      this.publishDead();
    } else if (message.header.msg_type === 'input_reply') {
      this.callHandler.inputReply(JSON.stringify(message.content));
    } else {
      this.forward(message);
    }
    return Promise.resolve();
  }

  /** Interrupts the requests that have been sent so far: see worker/interrupts.ts. */
  interrupt(): void {
    if (this.sent === 0 || this.failure !== '') {
      return;
    }
    this.writer?.interrupt(this.sent);
    this.callHandler.interrupt(this.sent);
    this.post({ type: 'interrupt', sequence: this.sent });
    this.watchdog.begin();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    this.worker?.terminate();
    this.watchdog.end();
    this.progress.hide();
    this.disposed.emit();
    Signal.clearData(this);
  }

  private async start(): Promise<void> {
    const { settings, serviceWorker } = this.context;
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
    for (const message of this.queued) {
      worker.postMessage(message);
    }
    this.queued = [];
    this.worker = worker;
  }

  private forward(message: KernelMessage.IMessage): void {
    const serialized = serializeMessage(message);
    if (message.header.msg_type === ('interrupt_request' as string)) {
      this.interrupt();
    }
    this.sent += 1;
    this.post({ type: 'message', sequence: this.sent, message: serialized }, serialized.buffers);
  }

  private post(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.worker === null) {
      this.queued.push(message);
    } else {
      this.worker.postMessage(message, transfer);
    }
  }

  private receive(message: ToPage): void {
    if (this.isDisposed) {
      return;
    }
    switch (message.type) {
      case 'message':
        this.send(message.message);
        break;
      case 'call':
        void this.answer(message);
        break;
      case 'more':
        this.writer?.more();
        break;
      case 'heard':
        this.watchdog.end();
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
    const answer = await this.callHandler.answer(call, Infinity);
    if (id === 0) {
      this.writer?.answer(answer);
    } else {
      this.post({ type: 'answer', id, answer });
    }
  }

  private send(serialized: SerializedMessage): void {
    const message = parseMessage(serialized, this.client);
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
      this.publishDead();
    }
  }

  private publishDead(): void {
    const message = KernelMessage.createMessage<KernelMessage.IStatusMsg>({
      channel: 'iopub',
      session: this.client,
      msgType: 'status',
      content: { execution_state: 'dead' }
    });
    this.options.sendMessage(message);
  }
}
