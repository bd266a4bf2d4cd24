/**
 * JupyterLite's connection to a kernel in the page is a simulated WebSocket (mock-socket) that waits
 * 4 ms before it delivers: ten times what a short cell takes. What is for a kernel of ours is
 * delivered at once, through the event that the simulated socket itself uses. A socket that is made
 * otherwise is not changed.
 */

/** The event by which mock-socket tells its server side of a message. */
const DELIVERY = 'server::message';

/** What is used of mock-socket's WebSocket. */
interface SimulatedSocket {
  readonly url: string;
  readonly readyState: number;
  readonly listeners?: Record<string, unknown[] | undefined>;
  dispatchEvent(event: Event, ...data: unknown[]): boolean;
  send(data: unknown): void;
}

/** The kernel of `…/api/kernels/ID/channels?session_id=…`, or ''. */
export function kernelOf(url: string): string {
  const id = /\/api\/kernels\/([^/?]+)\/channels/.exec(url)?.[1] ?? '';
  return decodeURIComponent(id);
}

/** Whether a message can be delivered without `send`. */
function isOpen(socket: SimulatedSocket): boolean {
  const hearers = socket.listeners?.[DELIVERY];
  return socket.readyState === WebSocket.OPEN && Array.isArray(hearers) && hearers.length > 0;
}

/** From here on sockets of `kind` deliver at once what is for a kernel that `isOurs` names. */
export function deliverAtOnce(
  kind: { prototype: unknown },
  isOurs: (kernel: string) => boolean
): void {
  const prototype = kind.prototype as SimulatedSocket;
  const original = Object.getOwnPropertyDescriptor(prototype, 'send')?.value as
    SimulatedSocket['send'] | undefined;
  if (original === undefined) {
    return;
  }
  prototype.send = function (this: SimulatedSocket, data: unknown): void {
    if (data instanceof ArrayBuffer && isOurs(kernelOf(this.url)) && isOpen(this)) {
      queueMicrotask(() => {
        this.dispatchEvent(new MessageEvent(DELIVERY, { data, origin: this.url }), data);
      });
    } else {
      original.call(this, data);
    }
  };
}
