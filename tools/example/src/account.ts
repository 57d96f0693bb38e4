import { relative } from 'node:path';
import { deliveryPath } from './places.js';
import type { ExampleRelease } from './releases.js';

export interface AccountPlace {
  /** Folder of the example. */
  readonly folder: string;
  /** What must stand before `npx waybill` to reach this ledger; empty for the default one. */
  readonly prefix: string;
  readonly cwd: string;
}

/** What happened to one ref, for a person who sees Waybill for the first time. */
export function accountOf(release: ExampleRelease, place: AccountPlace): string {
  const title = release.refKind === 'TAG' ? `tag ${release.ref}` : release.ref;
  const lines = release.rule === null ? unmatched(release) : matched(release, place);
  const why = `why      ${place.prefix}npx waybill why ${release.id.slice(0, 8)}`;
  return [title, ...[...lines, why].map((line) => `  ${line}`)].join('\n') + '\n';
}

function unmatched(release: ExampleRelease): string[] {
  return [`rule     none: ${release.reason}`, 'landed   nowhere, and the ledger keeps that too'];
}

function matched(release: ExampleRelease, place: AccountPlace): string[] {
  const { rule, config } = release;
  return [
    `rule     ${rule?.name ?? ''}  ${rule?.pattern ?? '(any tag)'}`,
    `resources ${rule?.resources.join(', ') ?? ''}`.replace('resources ', 'on       '),
    config === null
      ? `config   not read yet`
      : `config   ${config.directory} at commit ${config.commit.slice(0, 8)}${config.fallback ? ", the rule's own: this ref has none" : ''}`,
    ...release.locations.map((row) => landed(release, row, place)),
    ...release.holds.map((hold) => `waits    ${hold.message} — ${hold.frees}`),
    release.durationMs === null
      ? `state    ${release.state.toLowerCase()}: ${release.reason}`
      : `took     ${release.durationMs} ms`,
  ];
}

function landed(
  release: ExampleRelease,
  row: ExampleRelease['locations'][number],
  { folder, cwd }: AccountPlace,
): string {
  const deployment = release.deployments.find(({ location }) => location === row.location);
  const path = shortest(cwd, deliveryPath(folder, row.location));
  const where = deployment?.deliveredCommit ? `: commit ${deployment.deliveredCommit.slice(0, 8)} in ${path}` : '';
  const generation = row.generation === null ? '' : ` as generation ${row.generation}`;
  return `landed   ${row.location}, slot ${release.slot ?? ''}, ${row.state}${generation}${where}${row.message ? ` (${row.message})` : ''}`;
}

/** Relative to where the reader is, when it lies below. */
export function shortest(cwd: string, path: string): string {
  const inside = relative(cwd, path);
  return inside.startsWith('..') ? path : inside;
}
