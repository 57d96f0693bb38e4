import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { BranchRule } from '../rules/rule.js';
import { ProjectKey, RefName, Slot } from '../vocabulary.js';
import { BusinessMetadata, DeveloperMetadata, DevopsMetadata } from './metadata.js';

export const projectStream = defineStream(
  'project',
  'A deployable service: its metadata by role and its branch rules.',
  {
    ProjectRegistered: {
      version: 1,
      doc: 'A project was registered under its key.',
      data: z.strictObject({ project: ProjectKey, name: z.string().min(1).max(100) }),
    },
    DeveloperMetadataSubmitted: {
      version: 1,
      doc: 'A developer submitted the developer section: source, deliverable, ports, health checks, config source.',
      data: z.strictObject({ project: ProjectKey, metadata: DeveloperMetadata }),
    },
    BusinessMetadataSubmitted: {
      version: 1,
      doc: 'The business submitted its section: owner, product line, domains, traffic policy, window, approvers.',
      data: z.strictObject({ project: ProjectKey, metadata: BusinessMetadata }),
    },
    DevopsMetadataSubmitted: {
      version: 1,
      doc: 'DevOps submitted its section: quotas, resource parameters, strategy limits.',
      data: z.strictObject({ project: ProjectKey, metadata: DevopsMetadata }),
    },
    BranchRulesDefined: {
      version: 1,
      doc: 'The ordered branch rules of a project were defined; they replace the earlier ones.',
      data: z.strictObject({
        project: ProjectKey,
        preset: z.enum(['gitflow', 'trunk']).nullable(),
        rules: z.array(BranchRule).min(1).max(20_000),
      }),
    },
    BranchDeleted: {
      version: 1,
      doc: 'A branch was deleted in the source repository: its environments are to be removed.',
      data: z.strictObject({ project: ProjectKey, branch: RefName, slot: Slot }),
    },
  },
);
export type ProjectEvent = EventsOf<typeof projectStream.events>;
