import { join } from 'node:path';
import type { Client } from './client.js';
import { stepId } from './steps.js';

export const LOCATIONS = ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2'] as const;
export const KINDS = ['kubernetes', 'istio'] as const;

export const deliveryPath = (folder: string, location: string): string => join(folder, 'deliveries', `${location}.git`);

/** How a location is reached: through a Git repository of its own, or by an operator in a cluster. */
export type Delivery = 'git' | 'cluster';

/** Onboards the places of the reference table. */
export async function onboardPlaces(client: Client, ledger: string, folder: string, delivery: Delivery): Promise<void> {
  for (const location of LOCATIONS) {
    await client.ask(
      `mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { location { key } position } }`,
      {
        input: {
          key: location,
          delivery:
            delivery === 'git'
              ? { kind: 'git', repository: deliveryPath(folder, location), branch: 'main' }
              : { kind: 'cluster' },
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
