/**
 * The second way: a synchronous request, which JupyterLite's service worker hands to the page.
 * Needs no headers. What takes long is asked again and again, because a browser ends a service
 * worker that owes an answer for some minutes.
 */

import { STDIN_NAME } from '../../common/protocol';
import type { Call } from '../../common/protocol';
import type { Way } from './way';

/** Milliseconds between two questions whether there is an interrupt: each costs one or two. */
const INTERVAL = 250;
/** Milliseconds that one request lets the page wait in sleep(). */
const SLICE = 10_000;

/** Where a kernel's requests go. */
export interface Address {
  baseUrl: string;
  browsingContextId: string;
  kernelId: string;
}

export class ServiceWorkerWay implements Way {
  private named = 0;
  private asked = -INTERVAL;

  constructor(private readonly address: Address) {}

  /** Whether page and service worker answer. A static server answers such a request with 4xx or 5xx. */
  isThere(): boolean {
    try {
      return this.call({ kind: 'ping' }) === 'pong';
    } catch {
      return false;
    }
  }

  call(call: Call): unknown {
    const request = new XMLHttpRequest();
    request.open('POST', `${this.address.baseUrl}api/stdin/${STDIN_NAME}`, false);
    request.setRequestHeader('Content-Type', 'application/json');
    const { browsingContextId, kernelId } = this.address;
    request.send(JSON.stringify({ browsingContextId, data: { kernelId, call } }));
    if (request.status !== 200) {
      throw new Error(`the page does not answer (${request.status.toString()})`);
    }
    return JSON.parse(request.responseText);
  }

  sleep(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && this.named === 0; left = end - performance.now()) {
      this.named = Number(this.call({ kind: 'sleep', milliseconds: Math.min(left, SLICE) }));
    }
  }

  peek(): number {
    const now = performance.now();
    if (this.named === 0 && now - this.asked > INTERVAL) {
      this.named = Number(this.call({ kind: 'interrupt' }));
      this.asked = performance.now();
    }
    return this.named;
  }

  /** Forgets when the page was last asked: there is news. */
  forget(): void {
    this.asked = -INTERVAL;
  }

  take(seen: number): void {
    if (this.named === seen) {
      this.named = 0;
    }
  }
}
