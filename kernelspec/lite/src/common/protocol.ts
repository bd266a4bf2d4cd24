/** The messages between page and worker. */

export type Channel = 'shell' | 'control' | 'iopub' | 'stdin';

/** One Jupyter message: four JSON texts, and buffers that are transferred, not copied. */
export interface SerializedMessage {
  channel: Channel;
  header: string;
  parent: string;
  metadata: string;
  content: string;
  buffers: ArrayBuffer[];
}

/** How the worker calls the page and waits for the answer, in the order in which they are tried. */
export const CALL_METHODS = ['shared', 'serviceworker', 'jspi'] as const;
export type CallMethod = (typeof CALL_METHODS)[number];

/** What the worker needs to know before it loads Python. URLs are absolute. */
export interface WorkerSettings {
  kernelId: string;
  baseUrl: string;
  pyodideUrl: string;
  moduleUrl: string;
  /** The notebook's folder in JupyterLite's files. */
  folder: string;
  browsingContextId: string;
  /** Which methods of calling the page may be tried. */
  ways: CallMethod[];
  /** Present where the page is cross-origin isolated. */
  memory: SharedArrayBuffer | null;
}

/** What the worker may ask of the page. */
export type Call =
  | { kind: 'ping' }
  | { kind: 'input'; id: number; message: SerializedMessage }
  | { kind: 'interrupt' }
  | { kind: 'sleep'; milliseconds: number }
  | { kind: 'drive'; request: unknown };

/** `again`: the page has nothing yet and the worker is to ask again. */
export type InputAnswer =
  { status: 'ok'; content: string } | { status: 'interrupted' } | { status: 'again' };

export type ToWorker =
  | { type: 'start'; settings: WorkerSettings }
  | { type: 'message'; sequence: number; message: SerializedMessage }
  | { type: 'interrupt'; sequence: number }
  | { type: 'answer'; id: number; answer: unknown };

export type ToPage =
  | { type: 'progress'; text: string }
  | { type: 'ready'; way: CallMethod | null }
  | { type: 'failed'; text: string }
  | { type: 'message'; message: SerializedMessage }
  | { type: 'call'; id: number; call: Call }
  | { type: 'more' }
  | { type: 'heard' };

/** The name for registerStdinHandler: the service worker forwards calls to it. */
export const STDIN_NAME = 'carme';
