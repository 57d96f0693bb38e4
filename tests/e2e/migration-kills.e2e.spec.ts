import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, connect } from '@waybill/example';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesAt } from './harness/git.js';
import { type Kit, QUICK, deliveryOf, digestOf, onboard, temporaryFolder } from './harness/kit.js';
import { type LedgerProcess, startLedger } from './harness/ledger-process.js';
import { completed, migrationWhen } from './harness/migration.js';
import { PLAIN, givenProject } from './harness/project.js';
import { releaseIn, requestRelease } from './harness/releases.js';

/** What has just been written when the ledger dies: once for every phase of a migration. */
const PHASES = [
  'MigrationStarted',
  'EnvironmentCopied',
  'DeploymentDelivered',
  'EnvironmentCutOver',
  'MigrationRemovalBegun',
  'EnvironmentRemovalRequested',
  'EnvironmentRemoved',
  'MigrationCompleted',
];
const PROJECTS = ['shop', 'cart', 'mail'];

interface SeenEvent {
  readonly type: string;
  readonly stream: string;
}

/** What the log says behind a cursor, and where it ends by now. */
async function readOn(client: Client, after: string | null): Promise<{ events: SeenEvent[]; cursor: string | null }> {
  const read: SeenEvent[] = [];
  let cursor = after;
  for (let more = true; more;) {
    const { events } = await client.ask<{
      events: { nodes: SeenEvent[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    }>(
      `query Events($after: String) { events(first: 100, after: $after) {
         nodes { type stream } pageInfo { hasNextPage endCursor }
       } }`,
      { after: cursor },
    );
    read.push(...events.nodes);
    more = events.pageInfo.hasNextPage;
    cursor = events.pageInfo.endCursor ?? cursor;
  }
  return { events: read, cursor };
}

/** Resolves as soon as the log holds an event of the type behind a cursor. */
async function written(client: Client, type: string, after: string | null): Promise<void> {
  for (let cursor = after; ;) {
    const page = await readOn(client, cursor);
    if (page.events.some((event) => event.type === type)) return;
    cursor = page.cursor;
  }
}

describe('a ledger that is killed during a migration', () => {
  let ledger: LedgerProcess;
  let folder: string;
  afterEach(async () => {
    await ledger.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(PHASES)('with %s as the last thing written goes on where it was, and does nothing twice', async (phase) => {
    folder = temporaryFolder();
    const data = join(folder, 'data');
    ledger = await startLedger(data, QUICK);
    const kit = {
      folder,
      get admin() {
        return connect(ledger.url, ledger.adminToken);
      },
    } as Kit;
    await onboard(kit, 'prod1', 'prod3');
    for (const project of PROJECTS) {
      const rule = { name: 'main', branch: '^main$', resources: ['kubernetes-prod1'], tier: 'prod', directory: 'main' };
      await givenProject(kit, project, { rules: [rule], files: { [`${project}/main/waybill.yaml`]: PLAIN } });
      const { id } = await requestRelease(kit.admin, project, 'main', `${project} first`);
      await releaseIn(kit.admin, id, 'COMPLETED');
    }
    const { cursor: before } = await readOn(kit.admin, null);
    const dying = written(kit.admin, phase, before).then(() => ledger.kill());
    const migrate = `mutation Migrate($input: MigrateLocationInput!) { migrateLocation(input: $input) { position } }`;
    // Its answer may be what the ledger dies at.
    await kit.admin.ask(migrate, { input: { location: 'prod1', to: 'prod3' } }).catch(() => undefined);
    await dying;
    ledger = await startLedger(data, QUICK);
    const meanwhile = await requestRelease(kit.admin, 'mail', 'main', 'mail second');
    await completed(kit.admin, 'prod1');
    const ended = await releaseIn(kit.admin, meanwhile.id, 'COMPLETED');
    expect(ended.locations).toHaveLength(1);

    const counts = new Map<string, number>();
    for (const { type, stream } of (await readOn(kit.admin, before)).events) {
      const key = `${type} ${stream}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const project of PROJECTS) {
      const [old, copy] = ['prod1', 'prod3'].map((location) => `environment-${project}.main@${location}`);
      for (const key of [
        `EnvironmentCopied ${copy}`,
        `EnvironmentCutOver ${old}`,
        `EnvironmentRemovalRequested ${old}`,
        `EnvironmentRemoved ${old}`,
      ]) {
        expect([key, counts.get(key)]).toEqual([key, 1]);
      }
      const label = project === 'mail' ? 'mail second' : `${project} first`;
      const file = `${project}/main/deployment-${project}--main.yaml`;
      await migrationWhen(kit.admin, 'prod1', 'shows', ({ state }) => state === 'completed');
      expect(filesAt(deliveryOf(kit, 'prod3'), `${project}/main`)[file]).toContain(digestOf(label));
      expect(filesAt(deliveryOf(kit, 'prod1'), `${project}/main`)).toEqual({});
    }
    for (const type of ['MigrationStarted', 'MigrationRemovalBegun', 'MigrationCompleted']) {
      expect([type, counts.get(`${type} location-prod1`)]).toEqual([type, 1]);
    }
  });
});
