/** Cells of all sessions, kept in the browser: IndexedDB, shared by all notebooks of the site. */

/** Cells that are kept, and of those, how many a new kernel is told of. */
const KEPT = 20_000;
const TOLD = 5_000;
/** Milliseconds after which a kernel starts without. */
const PATIENCE = 2_000;

/** Session, line, code. */
export type Cell = [session: number, line: number, code: string];

/** What the kernel in C takes: see kernel/browser/store_page.h. */
export interface Older {
  session: number;
  cells: Cell[];
}

export class History {
  private constructor(
    private readonly database: IDBDatabase,
    readonly older: Older
  ) {}

  /** Opens it and begins a session; null where the browser stores nothing. */
  static async open(factory: IDBFactory = indexedDB): Promise<History | null> {
    try {
      const database = await settled(opening(factory));
      return new History(database, await begin(database));
    } catch {
      return null;
    }
  }

  /** Keeps a cell of this session. A full storage loses it, silently: the cell itself runs. */
  keep(line: number, code: string): void {
    const cell: Cell = [this.older.session, line, code];
    this.database.transaction('cells', 'readwrite').objectStore('cells').add(cell);
  }
}

function opening(factory: IDBFactory): IDBOpenDBRequest {
  const request = factory.open('carme-history', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('sessions', { autoIncrement: true });
    request.result.createObjectStore('cells', { autoIncrement: true });
  };
  return request;
}

/** A number that no other session has, and the newest cells, the oldest of them first. */
async function begin(database: IDBDatabase): Promise<Older> {
  const transaction = database.transaction(['sessions', 'cells'], 'readwrite');
  const cells = transaction.objectStore('cells');
  const session = Number(
    await settled(transaction.objectStore('sessions').add(new Date().toISOString()))
  );
  const last = Number((await settled(cells.openKeyCursor(null, 'prev')))?.key ?? 0);
  cells.delete(IDBKeyRange.upperBound(last - KEPT));
  const told = await settled(cells.getAll(IDBKeyRange.lowerBound(last - TOLD, true)));
  return { session, cells: told as Cell[] };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('the storage does not answer'));
    }, PATIENCE);
    request.onsuccess = () => {
      clearTimeout(timer);
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(timer);
      reject(request.error ?? new Error('the storage is refused'));
    };
  });
}
