/** What JupyterLite shows of the kernel before it runs. */

import type { KernelSpec } from '@jupyterlab/services';

import logoText from './logo-svg.svg';

const logo = `data:image/svg+xml,${encodeURIComponent(logoText)}`;

export const SPEC: KernelSpec.ISpecModel = {
  name: 'carme',
  display_name: 'Python 3.14 (Carme)',
  language: 'python',
  argv: [],
  metadata: {},
  resources: { 'logo-svg': logo, 'logo-64x64': logo, 'logo-32x32': logo }
};
