/** JupyterLite's files as a file system of Python's: what open() sees is what the file browser shows. */

import { ContentsAPI, DriveFS } from '@jupyterlite/services/lib/contents/drivefs.js';
import type { FileSystem, Pyodide } from './pyodide-types';
import type { BlockingCalls } from './calls/blocking-calls';

export const MOUNT = '/drive';

type Options = ConstructorParameters<typeof DriveFS>[0];

/** Calls the page for each operation on a file. */
class CallingContents extends ContentsAPI {
  constructor(
    private readonly pyodide: Pyodide,
    private readonly calls: BlockingCalls
  ) {
    super(options(pyodide));
  }

  override request(request: unknown): never {
    const answer = this.calls.call({ kind: 'drive', request }) as { error?: string; value: never };
    if (answer.error !== undefined) {
      throw this.failure(answer.error === 'QuotaExceededError' ? 'ENOSPC' : 'EINVAL');
    }
    return answer.value;
  }

  private failure(name: string): Error {
    const { FS, _module } = this.pyodide;
    return new FS.ErrnoError(_module.ERRNO_CODES[name] ?? 0);
  }
}

/** Mounts the files and makes the notebook's folder the current one. */
export function mountFiles(pyodide: Pyodide, calls: BlockingCalls, folder: string): void {
  class CallingDrive extends DriveFS {
    override createAPI(): ContentsAPI {
      return new CallingContents(pyodide, calls);
    }
  }
  const { FS } = pyodide;
  FS.mkdirTree(MOUNT);
  FS.mount(new CallingDrive(options(pyodide)), {}, MOUNT);
  enter(FS, folder);
}

function enter(files: FileSystem, folder: string): void {
  try {
    files.chdir(`${MOUNT}/${folder}`);
  } catch {
    files.chdir(MOUNT);
  }
}

function options({ FS, _module }: Pyodide): Options {
  const { PATH, ERRNO_CODES } = _module;
  const names = { baseUrl: '', driveName: '', mountpoint: MOUNT };
  return { ...names, FS, PATH, ERRNO_CODES } as unknown as Options;
}
