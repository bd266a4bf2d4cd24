/** Whether the browser has what the kernel needs. */

/** What is missing, in a sentence for the user; '' when everything is there. */
export function unsupportedReason(scope: Record<string, unknown> = { ...features() }): string {
  const missing = Object.entries(scope)
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (missing.length === 0) {
    return '';
  }
  return (
    `Carme can not run here: this browser, or its settings, lack ${missing.join(' and ')}. ` +
    'A current Firefox, Chrome, Edge or Safari has them; some lockdown modes switch them off.'
  );
}

function features(): Record<string, unknown> {
  const { WebAssembly, Worker, BroadcastChannel } = globalThis as Record<string, unknown>;
  return { WebAssembly, 'Web Workers': Worker, BroadcastChannel };
}
