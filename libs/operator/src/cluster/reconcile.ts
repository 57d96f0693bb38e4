import { aborted } from './guards/aborted.js';
import { absent } from './guards/absent.js';
import { deleting } from './guards/deleting.js';
import { drifted } from './guards/drifted.js';
import { edited } from './guards/edited.js';
import { inventoryNotWritten } from './guards/inventory-not-written.js';
import { leavingCandidate } from './guards/leaving-candidate.js';
import { newGeneration } from './guards/new-generation.js';
import { notApplied } from './guards/not-applied.js';
import { returning } from './guards/returning.js';
import { rollingOut } from './guards/rolling-out.js';
import { steady } from './guards/steady.js';
import { stepping } from './guards/stepping.js';
import { stopped } from './guards/stopped.js';
import { suspended } from './guards/suspended.js';
import { toPrune } from './guards/to-prune.js';
import { unplannable } from './guards/unplannable.js';
import { wayChosen } from './guards/way-chosen.js';
import { type Next, type Pass, openPass } from './pass.js';
import type { World } from './world.js';

/** Undefined: it is not my turn, ask the next one. */
export type Guard = (pass: Pass) => Promise<Next | undefined>;

/**
 * One deployment, from top to bottom. Each guard looks at what is, does its one thing and writes it down; then it
 * begins at the top again. So whoever takes over after a kill goes on where the facts say, whatever was under way.
 */
const GUARDS: readonly Guard[] = [
  deleting,
  suspended,
  newGeneration,
  absent,
  stopped,
  leavingCandidate,
  edited,
  wayChosen,
  unplannable,
  aborted,
  returning,
  inventoryNotWritten,
  notApplied,
  rollingOut,
  stepping,
  toPrune,
  drifted,
  steady,
];

/** Guards that act one after another in one go; more would be two of them undoing each other. */
const MOST_TURNS = 80;

/** Brings one environment as far as it gets now. Rejects with what keeps it from going on. */
export async function reconcile(world: World, name: string): Promise<Exclude<Next, 'again'>> {
  const seen: Parameters<typeof openPass>[3] = new Map();
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const release = world.releases.get(name) ?? world.releases.lost(name);
    if (!release) return 'wait';
    const next = await firstTurn(openPass(world, name, release, seen));
    if (next !== 'again') return next;
    if (world.signal.aborted) return 'wait';
  }
  throw new Error(`${name} came to no rest in ${MOST_TURNS} turns`);
}

async function firstTurn(pass: Pass): Promise<Next> {
  for (const guard of GUARDS) {
    const next = await guard(pass);
    if (next !== undefined) return next;
  }
  return 'wait';
}
