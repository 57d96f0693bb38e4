import { RejectedError } from '@waybill/adapters';
import type { DesiredRecord } from '@waybill/channel';
import { environmentName } from '@waybill/domain';
import { canonicalText, sha256 } from '@waybill/kernel';

/** A record whose parts do not belong together was damaged on its way, or made by something else than the ledger. */
export function refuseContradiction({ environment, release, state, digest, desired }: DesiredRecord): void {
  const name = environmentName(environment);
  const problem =
    (desired === null) !== (state === 'absent')
      ? `is ${state} ${desired === null ? 'without' : 'with'} a desired state`
      : desired && environmentName(desired.environment) !== name
        ? `carries the desired state of ${environmentName(desired.environment)}`
        : desired && desired.release !== release
          ? `carries the desired state of release ${desired.release}`
          : desired && sha256(canonicalText(desired)) !== digest
            ? 'carries a desired state of another digest'
            : undefined;
  if (problem) throw new RejectedError('DigestMismatch', `The record of ${name} ${problem}`);
}
