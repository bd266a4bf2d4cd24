/**
 * Calls by synchronous XMLHttpRequest, which JupyterLite's service worker forwards to the page.
 * Needs no headers. Long calls are repeated (long polling), because a browser ends a service worker
 * that has not answered for some minutes.
 */

import { STDIN_NAME } from '../../common/protocol';
import type { Call } from '../../common/protocol';
import type { BlockingCalls } from './blocking-calls';

/** Milliseconds between two questions whether there is an interrupt: each costs one or two. */
const INTERVAL = 250;
/** Milliseconds that one request lets the page wait in sleep(). */
const LONG_POLL = 10_000;

/** Where a kernel's requests go. */
export interface Address {
  baseUrl: string;
  browsingContextId: string;
  kernelId: string;
}

export class ServiceWorkerCalls implements BlockingCalls {
  private lastRequest = 0;
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
    for (
      let left = milliseconds;
      left > 0 && this.lastRequest === 0;
      left = end - performance.now()
    ) {
      this.lastRequest = Number(
        this.call({ kind: 'sleep', milliseconds: Math.min(left, LONG_POLL) })
      );
    }
  }

  peek(): number {
    const now = performance.now();
    if (this.lastRequest === 0 && now - this.asked > INTERVAL) {
      this.lastRequest = Number(this.call({ kind: 'interrupt' }));
      this.asked = performance.now();
    }
    return this.lastRequest;
  }

  /** Lets the next peek() ask the page at once. */
  forget(): void {
    this.asked = -INTERVAL;
  }

  take(seen: number): void {
    if (this.lastRequest === seen) {
      this.lastRequest = 0;
    }
  }
}
