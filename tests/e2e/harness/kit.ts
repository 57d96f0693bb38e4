import { type Client, connect } from '@waybill/example';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cli, cliOf } from './cli.js';
import { makeBareRepository } from './git.js';
import { type LedgerProcess, startLedger } from './ledger-process.js';

/** A running ledger with nothing in it, and a folder for repositories beside its data. */
export interface Kit {
  readonly folder: string;
  readonly ledger: LedgerProcess;
  readonly admin: Client;
  readonly cli: Cli;
  /** Ends the process and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Looks for changes every second, so that a test waits no longer than that. */
export const QUICK = { WAYBILL_CONFIG_INTERVAL: '1', WAYBILL_DRIFT_INTERVAL: '1' };

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'waybill-e2e-')));
}

export async function startKit(env: Record<string, string> = {}): Promise<Kit> {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const start = () => startLedger(data, { ...QUICK, ...env });
  let ledger = await start();
  return {
    folder,
    get ledger() {
      return ledger;
    },
    get admin() {
      return connect(ledger.url, ledger.adminToken);
    },
    get cli() {
      return cliOf(ledger);
    },
    async restart() {
      await ledger.stop();
      ledger = await start();
    },
    async close() {
      await ledger.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const deliveryOf = (kit: Pick<Kit, 'folder'>, location: string): string =>
  join(kit.folder, 'deliveries', `${location}.git`);

/** Onboards locations with `git` delivery, each with a kubernetes and an istio resource. */
export async function onboard(kit: Pick<Kit, 'admin' | 'folder'>, ...locations: string[]): Promise<void> {
  for (const location of locations) {
    const repository = makeBareRepository(deliveryOf(kit, location));
    await kit.admin.ask(`mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { position } }`, {
      input: { key: location, delivery: { kind: 'git', repository, branch: 'main' } },
    });
    for (const kind of ['kubernetes', 'istio']) {
      await kit.admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
        input: { key: `${kind}-${location}`, location, kind, parameters: { namespace: location } },
      });
    }
  }
}

/** A commit id that is good in form and the same for the same label. */
export const commitNamed = (label: string): string => createHash('sha1').update(label).digest('hex');

export const digestOf = (label: string): string => `sha256:${createHash('sha256').update(label).digest('hex')}`;

export const imageOf = (label: string): string => `registry.example/shop@${digestOf(label)}`;
