import { WaybillError } from '@waybill/kernel';
import { devlake2023 } from './devlake-2023.js';
import { dora2025 } from './dora-2025.js';
import type { DoraDefinition } from './facts.js';
import { fourKeys } from './fourkeys.js';

/** Every definition there is. One that changes gets a new name: a number keeps what it meant. */
export const DORA_DEFINITIONS: readonly DoraDefinition[] = [dora2025, devlake2023, fourKeys];

export const PRESET_DEFINITION = dora2025.name;

/** Throws `INVALID_INPUT` naming those that there are. */
export function definitionOf(name: string): DoraDefinition {
  const found = DORA_DEFINITIONS.find((definition) => definition.name === name);
  if (found) return found;
  const message = `there is no definition ${JSON.stringify(name.slice(0, 60))}`;
  throw new WaybillError('INVALID_INPUT', `definition: ${message}`, {
    hint: `There are ${DORA_DEFINITIONS.map((definition) => definition.name).join(', ')}.`,
    fields: [{ field: 'definition', message }],
  });
}
