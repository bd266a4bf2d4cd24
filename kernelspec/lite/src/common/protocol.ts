/** What page and worker say to each other. Both are built from this file. */

export type Channel = 'shell' | 'control' | 'iopub' | 'stdin';

/** One Jupyter message: four JSON texts, and buffers that are handed over, not copied. */
export interface Packet {
  channel: Channel;
  header: string;
  parent: string;
  metadata: string;
  content: string;
  buffers: ArrayBuffer[];
}

/** The ways of waiting for the page, in the order in which they are tried. */
export const WAYS = ['shared', 'serviceworker', 'jspi'] as const;
export type WayName = (typeof WAYS)[number];

/** What the worker needs to know before it loads Python. URLs are absolute. */
export interface WorkerSettings {
  kernelId: string;
  baseUrl: string;
  pyodideUrl: string;
  moduleUrl: string;
  /** The notebook's folder in JupyterLite's files. */
  folder: string;
  browsingContextId: string;
  /** Which ways may be tried. */
  ways: WayName[];
  /** Present where the page is cross-origin isolated. */
  memory: SharedArrayBuffer | null;
}

/** What the worker may ask of the page and wait for. */
export type Call =
  | { kind: 'ping' }
  | { kind: 'input'; id: number; packet: Packet }
  | { kind: 'interrupt' }
  | { kind: 'sleep'; milliseconds: number }
  | { kind: 'drive'; request: unknown };

/** `again`: the page has nothing yet and the worker is to ask again. */
export type InputAnswer =
  { status: 'ok'; content: string } | { status: 'interrupted' } | { status: 'again' };

export type ToWorker =
  | { type: 'start'; settings: WorkerSettings }
  | { type: 'packet'; sequence: number; packet: Packet }
  | { type: 'interrupt'; sequence: number }
  | { type: 'answer'; id: number; answer: unknown };

export type ToPage =
  | { type: 'progress'; text: string }
  | { type: 'ready'; way: WayName | null }
  | { type: 'failed'; text: string }
  | { type: 'packet'; packet: Packet }
  | { type: 'call'; id: number; call: Call }
  | { type: 'more' }
  | { type: 'heard' };

/** Where the service worker forwards what a kernel's worker asks: registerStdinHandler's name. */
export const STDIN_NAME = 'carme';
