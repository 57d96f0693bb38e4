import type { Person, Release } from '../documents/releases.js';
import type { World } from '../world.js';
import { paintState } from './colours.js';
import { type Column, facts } from './table.js';
import { age, duration, harmless, shortCommit, shortId } from './words.js';

export const personName = (person: Person | null): string =>
  person === null ? '' : (person.name ?? person.login ?? person.id);

export const refOf = (release: Pick<Release, 'ref' | 'refKind'>): string =>
  release.refKind === 'TAG' ? `tag ${release.ref}` : release.ref;

export function deliverableOf(deliverable: Record<string, unknown> | null): string {
  if (deliverable === null) return '';
  const digest = typeof deliverable['digest'] === 'string' ? deliverable['digest'] : '';
  if (deliverable['kind'] === 'image') return `${String(deliverable['image'])}@${digest}`;
  return `${String(deliverable['package'])}-${String(deliverable['version'])}`;
}

export function releaseColumns(world: World): Column<Release>[] {
  return [
    { title: 'release', value: (row) => shortId(row.id) },
    { title: 'project', value: (row) => row.project },
    { title: 'ref', value: refOf },
    { title: 'commit', value: (row) => shortCommit(row.commit) },
    { title: 'state', value: (row) => row.state.toLowerCase(), paint: (text) => paintState(world, text) },
    { title: 'rule', value: (row) => row.rule?.name },
    { title: 'locations', value: (row) => row.locations.map(({ location }) => location).join(',') },
    { title: 'age', value: (row) => age(row.requestedAt, world.now()) },
    { title: 'took', value: (row) => duration(row.durationMs) },
    { title: 'by', value: (row) => personName(row.requestedBy), wide: true },
    { title: 'pipeline', value: (row) => row.pipelineId, wide: true },
    { title: 'job', value: (row) => row.jobId, wide: true },
    { title: 'requested', value: (row) => row.requestedAt, wide: true },
    { title: 'deliverable', value: (row) => deliverableOf(row.deliverable), wide: true },
    { title: 'reason', value: (row) => row.reason, wide: true },
  ];
}

/** A release in a few lines: what it is, its state with the reason, each location, and what it waits for. */
export function describeRelease(world: World, release: Release): string {
  return (
    facts([
      ['release', release.id],
      ['project', release.project],
      ['ref', refOf(release)],
      ['commit', release.commit],
      ['deliverable', deliverableOf(release.deliverable)],
      ['rule', release.rule?.name],
      ['state', release.state.toLowerCase(), (text) => paintState(world, text)],
      ['reason', release.reason],
      ['in words', release.decisionReason],
      ['took', duration(release.durationMs)],
    ]) +
    describeLocations(world, release) +
    release.holds.map((hold) => harmless(`waits: ${hold.message}\n       ${hold.frees}\n`)).join('')
  );
}

function describeLocations(world: World, release: Release): string {
  return facts(
    release.locations.map(({ location, state, generation, message }) => [
      `  ${location}`,
      [state, generation === null ? '' : `generation ${generation}`, message ?? ''].filter(Boolean).join(', '),
      (text) => text.replace(state, paintState(world, state)),
    ]),
  );
}
