import type { Why } from '../documents/log.js';
import type { World } from '../world.js';
import { paintFaint } from './colours.js';
import { personName } from './release.js';
import { harmless, shortId } from './words.js';

type Step = Why['steps'][number];

/**
 * The summary, then a line a step below what caused it: time, branch, sentence and where to find the event. Rules and
 * metadata stand first, by themselves: what was decided by them names them as `on`.
 */
export function drawChain(world: World, why: Why, wide: boolean): string {
  const shown = new Map(why.steps.map((step) => [step.event.id, step]));
  const below = new Map<string | undefined, Step[]>();
  for (const step of why.steps) {
    const parent = parentOf(step, shown);
    below.set(parent, [...(below.get(parent) ?? []), step]);
  }
  const lines: string[] = [];
  // A chain is no deeper than it is long, but a chain of 500 would be too deep to call into.
  const toDraw = (below.get(undefined) ?? []).map((step) => ({ step, lead: '', branch: '' })).reverse();
  for (let next = toDraw.pop(); next; next = toDraw.pop()) {
    const { step, lead, branch } = next;
    lines.push(lineOf(world, step, lead + branch, wide));
    const children = below.get(step.event.id) ?? [];
    const inner = lead + (branch === '' ? '' : branch === '└─ ' ? '   ' : '│  ');
    const drawn = children.map((child, i) => ({
      step: child,
      lead: inner,
      branch: i === children.length - 1 ? '└─ ' : '├─ ',
    }));
    toDraw.push(...drawn.reverse());
  }
  return `${harmless(why.summary)}\n\n${lines.join('')}`;
}

/** What caused it, if that is shown; rules and metadata are no cause. */
function parentOf({ because, depth }: Step, shown: ReadonlyMap<string, Step>): string | undefined {
  const [first] = because;
  return depth > 0 && first !== undefined && shown.has(first) ? first : undefined;
}

function lineOf(world: World, { sentence, event, because, depth }: Step, branch: string, wide: boolean): string {
  const time = paintFaint(world, event.recordedAt.replace('T', ' ').slice(0, 19));
  const grounds = because.slice(depth > 0 ? 1 : 0).map(shortId);
  const on = grounds.length === 0 ? '' : ` on ${grounds.join(', ')}`;
  const evidence = wide ? ` ${event.type} ${event.stream} by ${personName(event.actor)}` : '';
  return `${time}  ${branch}${harmless(sentence)}${paintFaint(world, `  [#${event.position} ${shortId(event.id)}${evidence}${on}]`)}\n`;
}
