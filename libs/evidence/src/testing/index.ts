export { createMemoryTiles } from './memory-tiles.js';
export { createSealedLedger } from './sealed-ledger.js';
export type { SealedLedger } from './sealed-ledger.js';
