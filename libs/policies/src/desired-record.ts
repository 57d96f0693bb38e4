import type { DesiredRecord, DesiredState } from '@waybill/channel';
import type { Directive, EnvironmentEvent } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';

type Asked = Extract<EnvironmentEvent, { type: 'DeploymentRequested' | 'EnvironmentRemovalRequested' }>;

/** What stands on the channel for the generation that an event asked for, with its newest directive. Fails like `contents.get`. */
export async function desiredRecordOf(
  event: Asked,
  { correlationId, id: causationId }: RecordedEvent,
  contents: { get(digest: string): Promise<string> },
  directive: Directive | null = null,
): Promise<DesiredRecord> {
  const { environment, generation } = event.data;
  const schema = 'waybill.dev/desired-record/v1';
  if (event.type === 'EnvironmentRemovalRequested') {
    const nothing = { state: 'absent', release: null, digest: null, desired: null, directive: null } as const;
    return { schema, environment, generation, ...nothing, correlationId, causationId };
  }
  const { release, desired: digest } = event.data;
  // Its digest says that it is what this ledger composed.
  const desired = JSON.parse(await contents.get(digest)) as DesiredState;
  const present = { state: 'present', release, digest, desired, directive } as const;
  return { schema, environment, generation, ...present, correlationId, causationId };
}
