/** When collected text must be sent, also while Python computes. */

const SIGALRM = 14;

export class FlushTimer {
  private deadline = Infinity;

  constructor(private readonly tick: () => void) {}

  set(milliseconds: number): void {
    this.deadline = performance.now() + milliseconds;
    setTimeout(() => {
      this.deadline = Infinity;
      this.tick();
    }, milliseconds);
  }

  /** The signal for Python while it computes: once when the time has come, else 0. */
  signal(): number {
    if (this.deadline === Infinity || performance.now() < this.deadline) {
      return 0;
    }
    this.deadline = Infinity;
    return SIGALRM;
  }
}
