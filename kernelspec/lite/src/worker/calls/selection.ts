/** Selects the first method of calling the page that is allowed and works in this browser. */

import type { ToPage, CallMethod, WorkerSettings } from '../../common/protocol';
import type { InterruptSource } from '../interrupts';
import { hasJspi, JspiCalls } from './jspi';
import { ServiceWorkerCalls } from './service-worker';
import { SharedMemoryCalls } from './shared-memory';
import type { BlockingCalls } from './blocking-calls';

/** What was chosen: one of `blocking` and `jspi`, or none. */
export interface SelectedCalls {
  name: CallMethod | null;
  blocking: BlockingCalls | null;
  jspi: JspiCalls | null;
  source: InterruptSource;
  /** An interrupt has been told by a message. */
  nudge(sequence: number): void;
}

/** Tries them in their order. Blocks for a moment: the service worker is asked for an answer. */
export function selectCalls(
  settings: WorkerSettings,
  post: (message: ToPage) => void
): SelectedCalls {
  const allowed = new Set(settings.ways);
  if (allowed.has('shared') && settings.memory !== null) {
    const calls = new SharedMemoryCalls(settings.memory, post);
    return { name: 'shared', blocking: calls, jspi: null, source: calls, nudge: ignore };
  }
  if (allowed.has('serviceworker') && settings.browsingContextId !== '') {
    const calls = new ServiceWorkerCalls(settings);
    if (calls.isThere()) {
      const nudge = (): void => {
        calls.forget();
      };
      return { name: 'serviceworker', blocking: calls, jspi: null, source: calls, nudge };
    }
  }
  return withoutBlocking(allowed.has('jspi') && hasJspi() ? 'jspi' : null, post);
}

/** Interrupts come as messages there, so they reach what awaits, not what computes. */
function withoutBlocking(name: 'jspi' | null, post: (message: ToPage) => void): SelectedCalls {
  const calls = new JspiCalls(post);
  const nudge = (sequence: number): void => {
    calls.interrupt(sequence);
  };
  return { name, blocking: null, jspi: name === null ? null : calls, source: calls, nudge };
}

function ignore(): void {
  // the shared memory has told it already
}
