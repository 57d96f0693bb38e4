import type { DesiredRecord } from '@waybill/channel';
import { type EnvironmentId, environmentName } from '@waybill/domain';
import type { FileEdit } from '@waybill/git';
import { toFiles } from '../../plan/files.js';
import type { Plan } from '../../plan/plan-objects.js';

/** One folder an environment: what Argo CD or Flux is pointed at. */
export const folderOf = ({ project, slot }: EnvironmentId): string => `${project}/${slot}`;

/** Name of the file in which a folder says what it holds. */
export const MARKER = 'waybill.json';

export const markerPath = (environment: EnvironmentId): string => `${folderOf(environment)}/${MARKER}`;

/** What stands in the marker. */
export interface Marker {
  readonly environment: EnvironmentId;
  readonly generation: number;
  readonly release: string | null;
  readonly digest: string | null;
  readonly inventoryHash: string;
}

/** Argo CD takes every `.json` of a folder for a manifest unless it holds this text (Argo CD, user guide: directory). */
const NO_MANIFEST = '+argocd:skip-file-rendering';

/** Everything that shall stand in the environment's folder. */
export function filesFor(record: DesiredRecord, plan: Plan): FileEdit[] {
  const folder = folderOf(record.environment);
  const marker: Marker & { note: string } = {
    note: `Written by Waybill; edits are reported as drift. ${NO_MANIFEST}`,
    environment: record.environment,
    generation: record.generation,
    release: record.release,
    digest: record.digest,
    inventoryHash: plan.inventoryHash,
  };
  return [
    ...Object.entries(toFiles(plan.objects)).map(([name, content]) => ({ path: `${folder}/${name}`, content })),
    { path: `${folder}/${MARKER}`, content: `${JSON.stringify(marker, null, 2)}\n` },
  ];
}

/** Undefined when the text is no marker: somebody edited it. */
export function parseMarker(text: string): Marker | undefined {
  try {
    const value = JSON.parse(text) as Partial<Marker> | null;
    const { environment, generation } = value ?? {};
    if (!environment || typeof generation !== 'number' || typeof environment.location !== 'string') return undefined;
    return value as Marker;
  } catch {
    return undefined;
  }
}

export function deployMessage(record: DesiredRecord): string {
  const { ref, commit, trace } = record.desired ?? {};
  return message(`Deploy ${environmentName(record.environment)} generation ${record.generation}`, record, [
    ref && [ref.kind === 'tag' ? 'Tag' : 'Branch', ref.name],
    commit && ['Commit', commit],
    trace?.pipelineId && ['Pipeline', trace.pipelineId],
    trace?.jobId && ['Job', trace.jobId],
  ]);
}

export function removeMessage(record: DesiredRecord): string {
  return message(`Remove ${environmentName(record.environment)} generation ${record.generation}`, record, [
    ['State', 'absent'],
  ]);
}

type Trailer = readonly [name: string, value: string] | '' | null | undefined;

function message(subject: string, record: DesiredRecord, trailers: readonly Trailer[]): string {
  const all: Trailer[] = [
    record.release && ['Release', record.release],
    ['Deployment', `${environmentName(record.environment)}.${record.generation}`],
    ['Generation', String(record.generation)],
    ...trailers,
  ];
  const lines = all.flatMap((trailer) => (trailer ? [`${trailer[0]}: ${oneLine(trailer[1])}`] : []));
  return `${subject}\n\n${lines.join('\n')}\n`;
}

/** A line break in a pipeline id would begin a trailer of its own. */
const oneLine = (text: string): string => text.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' ').trim();
