import { z } from 'zod';
import { MigrationNumber } from '../location/migration.js';
import { ReleaseId } from '../release/events.js';
import { EnvironmentId, LocationKey, MachineText } from '../vocabulary.js';

const environment = { environment: EnvironmentId };
const migration = { migration: MigrationNumber };
const order = { order: z.int().min(0) };

/** Events of a migration in the streams of the environments: of the copy, and of the one that is left. */
export const migrationOfEnvironment = {
  EnvironmentCopied: {
    version: 1,
    doc: 'The environment carries on that of another location, whose history is its own.',
    data: z.strictObject({ ...environment, ...migration, migratedFrom: EnvironmentId, generation: z.int().min(1) }),
  },
  EnvironmentCopyRefused: {
    version: 1,
    doc: 'What runs here cannot be planned at the other location, and why.',
    data: z.strictObject({ ...environment, ...migration, to: LocationKey, release: ReleaseId, message: MachineText }),
  },
  EnvironmentCutOver: {
    version: 1,
    doc: 'The copy at the other location is healthy: from here on only that one counts.',
    data: z.strictObject({
      ...environment,
      ...migration,
      to: LocationKey,
      release: ReleaseId,
      /** Of the copy. */
      generation: z.int().min(1),
    }),
  },
  EnvironmentCutBack: {
    version: 1,
    doc: 'The migration was reverted: this environment counts again.',
    data: z.strictObject({ ...environment, ...migration, to: LocationKey }),
  },
  DeploymentForwarded: {
    version: 1,
    doc: 'The environment has moved: the release is for the one at the other location.',
    data: z.strictObject({ ...environment, ...order, release: ReleaseId, to: LocationKey }),
  },
} as const;
