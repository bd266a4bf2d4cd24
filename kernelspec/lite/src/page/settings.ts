/**
 * What the site's owner may set, in jupyter-lite.json under
 * "litePluginSettings": {"@carme/lite:kernel": {…}}:
 *
 *   pyodideUrl  where pyodide.mjs lies, relative to the site (static/pyodide/pyodide.mjs)
 *   ways        which CALL_METHODS of protocol.ts may be tried (all)
 *   patience    seconds after which an interrupt that has no effect offers a restart (5)
 *
 * The address of the page may say `?carme-ways=jspi,serviceworker` for one visit.
 */

import { PageConfig } from '@jupyterlab/coreutils';

import { CALL_METHODS } from '../common/protocol';
import type { CallMethod } from '../common/protocol';

export interface Settings {
  baseUrl: string;
  pyodideUrl: string;
  ways: CallMethod[];
  /** Milliseconds. */
  patience: number;
}

const KEY = '@carme/lite:kernel';

export function readSettings(base: string): Settings {
  const all = JSON.parse(PageConfig.getOption('litePluginSettings') || '{}') as Record<
    string,
    Record<string, unknown> | undefined
  >;
  const given = all[KEY] ?? {};
  const baseUrl = new URL(base, location.href).href;
  const { pyodideUrl, ways, patience } = given;
  return {
    baseUrl,
    pyodideUrl: new URL(text(pyodideUrl) ?? 'static/pyodide/pyodide.mjs', baseUrl).href,
    ways: chosenWays(fromAddress() ?? (Array.isArray(ways) ? ways.map(String) : null)),
    patience: 1000 * (typeof patience === 'number' ? patience : 5)
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function chosenWays(names: string[] | null): CallMethod[] {
  return CALL_METHODS.filter((way) => names === null || names.includes(way));
}

function fromAddress(): string[] | null {
  return new URLSearchParams(location.search).get('carme-ways')?.split(',') ?? null;
}
