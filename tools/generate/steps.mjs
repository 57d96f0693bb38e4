/**
 * Everything that is generated. A step is a module with `generate({ check })`: it writes its files, or, when checking,
 * writes nothing; it resolves to the paths of the files that are stale (none after writing). Loaded after the libs are
 * compiled, one after another.
 */
export const steps = [
  () => import('./events-page.mjs'),
  () => import('./cdevents-page.mjs'),
  () => import('./statistics-page.mjs'),
  () => import('./json-schemas.mjs'),
  () => import('./operator-manifests.mjs'),
  () => import('./versions-page.mjs'),
  () => import('../../apps/ledger/generate.mjs'),
];
