import { WaybillError } from '@waybill/kernel';

export type RejectionReason =
  | 'DigestMismatch'
  | 'DuplicateObject'
  | 'FolderInUse'
  | 'InvalidManifest'
  | 'InvalidName'
  | 'LowerGeneration'
  | 'NoTranslation'
  | 'OwnedByAnother'
  | 'TooManyObjects'
  | 'UnsupportedCapability'
  | 'UnsupportedDeliverable'
  | 'UnsupportedFile'
  | 'UnsupportedResource'
  | 'UnsupportedStrategy';

/** The location cannot do what is asked, however often it is tried: reported as rejected, nothing was changed. */
export class RejectedError extends WaybillError {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string, details: { hint?: string } = {}) {
    super('INVALID_STATE', message, details);
    this.name = 'RejectedError';
    this.reason = reason;
  }
}
