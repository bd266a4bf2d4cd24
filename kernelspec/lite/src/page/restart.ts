/** Restarts a kernel from outside of its notebook. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IKernelClient } from '@jupyterlite/services';

/** Restarts through the document that shows the kernel, whose connection must be renewed, too. */
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
