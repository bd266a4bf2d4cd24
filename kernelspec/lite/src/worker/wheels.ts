/** Wheels beside the site: fetched and unpacked when Python first imports what is in them. */

import type { LockedPackage, Pyodide } from './pyodide-types';

/** Answers carme_site's finder. */
export class Wheels {
  private readonly byImport = new Map<string, LockedPackage>();
  private readonly byName = new Map<string, LockedPackage>();
  private readonly done = new Set<string>();
  private readonly place: string;

  constructor(
    private readonly pyodide: Pyodide,
    private readonly baseUrl: string
  ) {
    this.place = String(pyodide.runPython('import site; site.getsitepackages()[0]'));
    for (const each of Object.values(pyodide.lockfile.packages)) {
      this.byName.set(each.name, each);
      for (const name of each.imports) {
        this.byImport.set(name, each);
      }
    }
  }

  /** Makes a top-level module importable; false: no wheel has it. */
  provide(name: string): boolean {
    const found = this.byImport.get(name);
    if (found === undefined || this.done.has(found.name)) {
      return false;
    }
    return this.unpack(found);
  }

  private unpack(wanted: LockedPackage): boolean {
    this.done.add(wanted.name);
    for (const name of wanted.depends) {
      const needed = this.byName.get(name);
      if (needed !== undefined && !this.done.has(name)) {
        this.unpack(needed);
      }
    }
    const bytes = fetchNow(new URL(wanted.file_name, this.baseUrl).href);
    if (bytes === null) {
      return false;
    }
    this.pyodide.unpackArchive(bytes, 'wheel', { extractDir: this.place });
    return true;
  }
}

/** An import is synchronous, so the request is. null: not there. */
function fetchNow(url: string): ArrayBuffer | null {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = 'arraybuffer';
  try {
    request.send();
  } catch {
    return null;
  }
  return request.status === 200 ? (request.response as ArrayBuffer) : null;
}
