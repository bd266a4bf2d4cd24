/** The parts of Pyodide that are used, and Python's modules as they look from here. */

/** One package of Pyodide's lock file. */
export interface LockedPackage {
  name: string;
  file_name: string;
  depends: string[];
  imports: string[];
}

/** Takes what C code writes; returns how many bytes that were. */
export interface RawOutput {
  write(bytes: Uint8Array): number;
  isatty: boolean;
}

export interface FileSystem {
  mkdirTree(path: string): void;
  writeFile(path: string, data: string | Uint8Array): void;
  mount(type: object, options: object, path: string): void;
  chdir(path: string): void;
  ErrnoError: new (errno: number) => Error;
}

export interface Pyodide {
  version: string;
  lockfile: { info: { abi_version: string }; packages: Record<string, LockedPackage> };
  FS: FileSystem;
  /** Emscripten's insides that a file system of one's own needs. */
  _module: { PATH: unknown; ERRNO_CODES: Record<string, number> };
  runPython(code: string): unknown;
  pyimport(name: string): unknown;
  setInterruptBuffer(buffer: Uint8Array): void;
  setStdout(options: RawOutput): void;
  setStderr(options: RawOutput): void;
  unpackArchive(bytes: ArrayBuffer, format: string, options: { extractDir: string }): void;
}

/** What pyodide.mjs exports. */
export interface PyodideLoader {
  loadPyodide(options: { indexURL: string; packageBaseUrl: string }): Promise<Pyodide>;
}

/** A Python function. */
export interface PyFunction<Arguments extends unknown[], Result> {
  (...values: Arguments): Result;
  /** Calls so that Python may be suspended (JSPI). */
  callPromising(...values: Arguments): Promise<Result>;
}

/** The module `_carme.browser.worker_api`. */
export interface Lite {
  start: PyFunction<[host: unknown], unknown>;
  push: PyFunction<
    [
      channel: string,
      header: string,
      parent: string,
      metadata: string,
      content: string,
      buffers: Uint8Array[]
    ],
    unknown
  >;
  /** Posts text that was joined. */
  tick(): void;
  /** What C code has written to descriptor 1 or 2. */
  write_raw(descriptor: number, bytes: Uint8Array): void;
  /** Where wheels lie, with their index.json. */
  set_wheels?: (url: string) => void;
  /** Ends the cell that awaits. */
  interrupt?: () => void;
}

/** The module `carme_site` (carme_site.py). */
export interface Site {
  install(provide: (name: string) => boolean): void;
  suspending(host: unknown): unknown;
}
