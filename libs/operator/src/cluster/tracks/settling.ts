import type { Pass } from '../pass.js';

/**
 * Milliseconds until what the traffic has left may go. A route that was written is not yet what every proxy follows:
 * istiod gathers changes for 100 ms and more before it pushes them, endpoints before routes.
 */
export function settling({ world, facts }: Pick<Pass, 'world' | 'facts'>, since: string): number {
  const meshed = facts.inventory.some(({ kind }) => kind === 'VirtualService');
  return meshed ? Date.parse(since) + world.settleMs - world.now().getTime() : 0;
}
