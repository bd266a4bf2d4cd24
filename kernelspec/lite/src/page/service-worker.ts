/** Waits until the service worker controls the page. */

import type { IServiceWorkerManager } from '@jupyterlite/apputils';

import type { CallMethod } from '../common/protocol';

/** Milliseconds that a first visit may need to install it. */
const PATIENCE = 5_000;

/**
 * The page's id for requests through the service worker, once it controls the page; '' when it is
 * not needed or does not come. A kernel's worker that is created earlier is not controlled by it.
 */
export async function serviceWorkerId(
  manager: IServiceWorkerManager | null,
  ways: CallMethod[]
): Promise<string> {
  const isNeeded = ways.includes('serviceworker') && !(ways[0] === 'shared' && crossOriginIsolated);
  if (manager === null || !isNeeded || !('serviceWorker' in navigator)) {
    return '';
  }
  const isThere = await Promise.race([controlled(manager), after(PATIENCE)]);
  return isThere ? manager.browsingContextId : '';
}

async function controlled(manager: IServiceWorkerManager): Promise<boolean> {
  try {
    await manager.ready;
  } catch {
    return false;
  }
  const { serviceWorker } = navigator;
  if (serviceWorker.controller === null) {
    await new Promise((resolve) => {
      serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
  }
  return true;
}

function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, false);
  });
}
