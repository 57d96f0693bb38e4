import { join } from 'node:path';
import type { Client } from './client.js';
import { stepId } from './steps.js';

export const LOCATIONS = ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2'] as const;
export const KINDS = ['kubernetes', 'istio'] as const;

export const deliveryPath = (folder: string, location: string): string => join(folder, 'deliveries', `${location}.git`);

/** Onboards the places of the reference table, each delivered into a Git repository of its own. */
export async function onboardPlaces(client: Client, ledger: string, folder: string): Promise<void> {
  for (const location of LOCATIONS) {
    await client.ask(
      `mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { location { key } position } }`,
      {
        input: {
          key: location,
          delivery: { kind: 'git', repository: deliveryPath(folder, location), branch: 'main' },
          commandId: stepId(ledger, `location ${location}`),
        },
      },
    );
    for (const kind of KINDS) {
      await client.ask(
        `mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { location { key } position } }`,
        {
          input: {
            key: `${kind}-${location}`,
            location,
            kind,
            parameters: kind === 'kubernetes' ? { namespace: location } : { gateway: 'istio-system/public' },
            commandId: stepId(ledger, `resource ${kind}-${location}`),
          },
        },
      );
    }
  }
}
