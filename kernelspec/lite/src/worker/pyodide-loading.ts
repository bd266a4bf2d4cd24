/** Pyodide and the kernel's module. */

import siteSource from '../python/carme_site.py';
import made from './abi.json';
import type { Lite, Pyodide, PyodideLoader, RawOutput, Site } from './pyodide-types';
import { Wheels } from './wheels';

const MODULES = '/lib/carme';

/** Loads Pyodide from the site; the module comes in at the same time. */
export async function loadPython(
  pyodideUrl: string,
  moduleUrl: string,
  progress: (text: string) => void
): Promise<Pyodide> {
  progress('loading Python');
  const module = fetchBytes(moduleUrl);
  const loader = (await import(pyodideUrl)) as PyodideLoader;
  const baseUrl = new URL('.', pyodideUrl).href;
  const pyodide = await loader.loadPyodide({ indexURL: baseUrl, packageBaseUrl: baseUrl });
  progress('starting the kernel');
  pyodide.FS.mkdirTree(MODULES);
  pyodide.FS.writeFile(`${MODULES}/_carme.abi3.so`, await module);
  pyodide.FS.writeFile(`${MODULES}/carme_site.py`, siteSource);
  pyodide.runPython(`import sys; sys.path.append(${JSON.stringify(MODULES)})`);
  return pyodide;
}

/** Makes the wheels beside Pyodide importable. */
export function importSite(pyodide: Pyodide, pyodideUrl: string): Site {
  const site = pyodide.pyimport('carme_site') as Site;
  const wheels = new Wheels(pyodide, new URL('.', pyodideUrl).href);
  site.install((name) => wheels.provide(name));
  return site;
}

/** The kernel itself. */
export function importKernel(pyodide: Pyodide): Lite {
  const found = pyodide.lockfile.info.abi_version;
  if (found !== made.pyodide_abi) {
    throw new Error(
      `this Carme was made for Pyodide's ABI ${made.pyodide_abi}, the page has loaded ` +
        `Pyodide ${pyodide.version} with ABI ${found}`
    );
  }
  return pyodide.pyimport('_carme.browser.worker_api') as Lite;
}

/** What C code prints goes to its cell, too. */
export function connectOutput(pyodide: Pyodide, lite: Lite): void {
  const into = (descriptor: number): RawOutput => ({
    write: (bytes) => {
      lite.write_raw(descriptor, bytes);
      return bytes.length;
    },
    isatty: false
  });
  pyodide.setStdout(into(1));
  pyodide.setStderr(into(2));
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${url}: ${response.status.toString()} ${response.statusText}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
