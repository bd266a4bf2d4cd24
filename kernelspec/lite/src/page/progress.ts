/** One line at the page's foot, in any of JupyterLite's applications. */

const STYLE = `position: fixed; left: 50%; bottom: 32px; transform: translateX(-50%); z-index: 10000;
  padding: 4px 12px; border-radius: 4px; max-width: 80vw; white-space: pre-wrap;
  font: 13px/1.5 var(--jp-ui-font-family, sans-serif);
  color: var(--jp-ui-inverse-font-color1, #fff); background: var(--jp-inverse-layout-color1, #222);`;

export class ProgressLine {
  private element: HTMLElement | null = null;
  private timer = 0;
  private readonly since = performance.now();

  /** Shows what is being done, and for how long already. */
  show(text: string): void {
    clearInterval(this.timer);
    const draw = (): void => {
      const seconds = Math.round((performance.now() - this.since) / 1000);
      this.write(`Carme: ${text} … ${seconds.toString()} s`, 'status');
    };
    draw();
    this.timer = window.setInterval(draw, 1000);
  }

  /** Shows what went wrong until it is clicked away. */
  fail(text: string): void {
    clearInterval(this.timer);
    this.write(text, 'alert');
    this.element?.addEventListener('click', () => {
      this.hide();
    });
  }

  hide(): void {
    clearInterval(this.timer);
    this.element?.remove();
    this.element = null;
  }

  private write(text: string, role: string): void {
    if (this.element === null) {
      this.element = document.createElement('div');
      this.element.className = 'carme-progress';
      this.element.style.cssText = STYLE;
      document.body.append(this.element);
    }
    this.element.setAttribute('role', role);
    this.element.textContent = text;
  }
}
