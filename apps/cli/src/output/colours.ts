import { styleText } from 'node:util';
import type { World } from '../world.js';

const TONE: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'gray'>> = {
  completed: 'green',
  healthy: 'green',
  delivered: 'green',
  yes: 'green',
  failed: 'red',
  rejected: 'red',
  refused: 'red',
  held: 'yellow',
  waiting: 'yellow',
  delayed: 'yellow',
  drifted: 'yellow',
  unmatched: 'gray',
  cancelled: 'gray',
  superseded: 'gray',
  removed: 'gray',
};

/** Colours the word of a state on a terminal; the word itself always stays, so nothing rests on colour alone. */
export function paintState(world: World, word: string): string {
  const tone = TONE[word];
  return tone && coloured(world) ? styleText(tone, word, { validateStream: false }) : word;
}

export function paintFaint(world: World, text: string): string {
  return coloured(world) ? styleText('gray', text, { validateStream: false }) : text;
}

/** https://no-color.org: any value that is not empty turns colour off. */
function coloured(world: World): boolean {
  return world.outIsTerminal && !world.env['NO_COLOR'] && world.env['TERM'] !== 'dumb';
}
