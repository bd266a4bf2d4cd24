/** The first way that is allowed and works here. */

import type { ToPage, WayName, WorkerSettings } from '../../common/protocol';
import type { InterruptSource } from '../interrupts';
import { hasJspi, JspiWay } from './jspi';
import { ServiceWorkerWay } from './serviceworker';
import { SharedWay } from './shared';
import type { Way } from './way';

/** What was chosen: one of `blocking` and `jspi`, or none. */
export interface Chosen {
  name: WayName | null;
  blocking: Way | null;
  jspi: JspiWay | null;
  source: InterruptSource;
  /** An interrupt has been told by a message. */
  nudge(sequence: number): void;
}

/** Tries them in their order. Blocks for a moment: the service worker is asked for an answer. */
export function chooseWay(settings: WorkerSettings, post: (message: ToPage) => void): Chosen {
  const allowed = new Set(settings.ways);
  if (allowed.has('shared') && settings.memory !== null) {
    const way = new SharedWay(settings.memory, post);
    return { name: 'shared', blocking: way, jspi: null, source: way, nudge: ignore };
  }
  if (allowed.has('serviceworker') && settings.browsingContextId !== '') {
    const way = new ServiceWorkerWay(settings);
    if (way.isThere()) {
      const nudge = (): void => {
        way.forget();
      };
      return { name: 'serviceworker', blocking: way, jspi: null, source: way, nudge };
    }
  }
  return withoutBlocking(allowed.has('jspi') && hasJspi() ? 'jspi' : null, post);
}

/** Interrupts come as messages there, so they reach what awaits, not what computes. */
function withoutBlocking(name: 'jspi' | null, post: (message: ToPage) => void): Chosen {
  const way = new JspiWay(post);
  const nudge = (sequence: number): void => {
    way.interrupt(sequence);
  };
  return { name, blocking: null, jspi: name === null ? null : way, source: way, nudge };
}

function ignore(): void {
  // the shared memory has told it already
}
