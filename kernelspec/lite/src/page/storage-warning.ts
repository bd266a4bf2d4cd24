/** Where JupyterLite keeps files. */

import { Notification } from '@jupyterlab/apputils';

const LOST =
  'This browser stores no files here (a private window, or site data is blocked): ' +
  'they are lost when this page is closed.';

/** Tells the user, once, if files can not be kept. */
export async function warnOfUnsavedStorage(): Promise<void> {
  if (!(await hasStorage())) {
    Notification.warning(LOST, { autoClose: false });
  }
}

/** Whether what the user writes outlives the page. */
async function hasStorage(): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open('carme-probe');
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
      opening.onerror = () => {
        reject(new Error('storage is refused'));
      };
    });
    return true;
  } catch {
    return false;
  }
}
