import { derivedId } from '@waybill/kernel';

export const APPROVER = 'p-approver1';

export const IMAGE = {
  kind: 'image',
  image: 'registry.example/a',
  digest: `sha256:${'1'.repeat(64)}`,
} as const;

export const hex = (digit: string, length = 40): string => digit.repeat(length);

export const releaseId = (number: number): string => derivedId('release', String(number));
