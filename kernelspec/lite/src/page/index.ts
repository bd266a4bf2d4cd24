/** The extension: tells JupyterLite of the kernel and how one is made. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { IServiceWorkerManager } from '@jupyterlite/apputils';
import { DriveContentsProcessor, IKernelClient, IKernelSpecs } from '@jupyterlite/services';

import { STDIN_NAME } from '../common/protocol';
import type { Call } from '../common/protocol';
import { wrapInterrupt } from './interrupts';
import { CarmeKernel } from './kernel';
import { restart } from './restart';
import { readSettings } from './settings';
import { deliverAtOnce } from './simulated-socket';
import { SPEC } from './kernel-spec';
import { warnOfUnsavedStorage } from './storage-warning';
import { unsupportedReason } from './browser-features';

const PLUGIN_ID = '@carme/lite:kernel';

/** What a request through the service worker carries. */
interface Forwarded {
  kernelId: string;
  call: Call;
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  autoStart: true,
  requires: [IKernelSpecs, IKernelClient],
  optional: [IServiceWorkerManager],
  activate: (
    app: JupyterFrontEnd,
    specs: IKernelSpecs,
    client: IKernelClient,
    serviceWorker: IServiceWorkerManager | null
  ) => {
    const kernels = new Map<string, CarmeKernel>();
    const drive = new DriveContentsProcessor({ contentsManager: app.serviceManager.contents });
    const settings = readSettings(PageConfig.getBaseUrl());
    serviceWorker?.registerStdinHandler(STDIN_NAME, ({ kernelId, call }: Forwarded) =>
      Promise.resolve(kernels.get(kernelId)?.callHandler.answer(call) ?? null)
    );
    void app.restored.then(warnOfUnsavedStorage);
    wrapInterrupt(client, kernels);
    deliverAtOnce(app.serviceManager.kernels.serverSettings.WebSocket, (id) => kernels.has(id));
    specs.register({
      spec: SPEC,
      create: (options) => {
        const kernel = new CarmeKernel(options, {
          settings,
          drive,
          serviceWorker,
          unsupportedReason: unsupportedReason(),
          restart: () => restart(app, client, options.id)
        });
        kernels.set(options.id, kernel);
        kernel.disposed.connect(() => {
          if (kernels.get(options.id) === kernel) {
            kernels.delete(options.id);
          }
        });
        return Promise.resolve(kernel);
      }
    });
  }
};

export default plugin;
