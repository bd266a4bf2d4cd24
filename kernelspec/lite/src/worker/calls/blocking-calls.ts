import type { Call } from '../../common/protocol';
import type { InterruptSource } from '../interrupts';

/** Calls to the page for whose answers the worker blocks. Every method may block. */
export interface BlockingCalls extends InterruptSource {
  /** Asks the page and waits for what it answers. */
  call(call: Call): unknown;
  /** Waits without using the processor; ends early when there is an interrupt. */
  sleep(milliseconds: number): void;
}

export const NO_BLOCKING_CALLS = `This page offers no way to wait for input. One of these makes input() work:
- the page's server sends the headers
    Cross-Origin-Opener-Policy: same-origin
    Cross-Origin-Embedder-Policy: require-corp
- the browser allows this page its service worker (https or localhost, no private window)
- a browser with JavaScript Promise Integration (Chromium 137 or newer)`;
