import { ProjectKey, Ref } from '@waybill/domain';
import { parseInput } from '@waybill/kernel';
import { z } from 'zod';
import type { RefInput } from '../graphql.gen.js';

const Key = z.object({ project: ProjectKey });
const GivenRef = z.object({ ref: Ref });

/** The key as it is stored. Throws `INVALID_INPUT`. */
export const projectKey = (given: string): string => parseInput(Key, { project: given }, 'project').project;

/** A branch unless it says that it is a tag. Throws `INVALID_INPUT`. */
export function parseRef({ kind, name }: RefInput): Ref {
  return parseInput(GivenRef, { ref: { kind: kind ?? 'branch', name } }, 'ref').ref;
}
