/** A restart that was not asked for by a notebook's own button. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IKernelClient } from '@jupyterlite/services';

/** Restarts by way of the document that shows the kernel: its connection has to start anew, too. */
export async function restart(
  app: JupyterFrontEnd,
  client: IKernelClient,
  id: string
): Promise<void> {
  for (const widget of app.shell.widgets('main')) {
    const { sessionContext } = widget as { sessionContext?: ISessionContext };
    if (sessionContext?.session?.kernel?.id === id) {
      await sessionContext.restartKernel();
      return;
    }
  }
  await client.restart(id);
}
