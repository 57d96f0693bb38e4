import type { Clock } from '@waybill/kernel';
import type { Send } from '@waybill/policies';
import { setMaxListeners } from 'node:events';
import { ensureAdminToken } from './access/admin-token.js';
import { openParts } from './app.module.js';
import type { Configuration, RoleName } from './configuration.js';
import { ensureLedgerKey } from './evidence/keys.js';
import type { Log } from './log.js';
import type { Parts } from './parts.js';
import { createApplication, listen } from './roles/api.js';
import { runCheckpointer } from './roles/checkpointer.js';
import { runDispatcher } from './roles/dispatcher.js';
import { runCdEventsFeed } from './roles/feed.js';
import { runOperators } from './roles/operator.js';
import { runPolicies } from './roles/policies.js';
import { runProjector } from './roles/projector.js';
import { runReports } from './roles/reports.js';

export interface LedgerProcess {
  readonly parts: Parts;
  /** Rejects when a role ends with a fault that does not pass. */
  readonly failed: Promise<never>;
  /** Stops accepting, lets what was begun end, closes the stores. */
  stop(): Promise<void>;
}

type Role = (parts: Parts, send: Send, signal: AbortSignal) => Promise<void>;

const BACKGROUND: Readonly<Record<Exclude<RoleName, 'api'>, Role>> = {
  projector: (parts, _send, signal) => runProjector(parts, signal),
  policies: runPolicies,
  dispatcher: runDispatcher,
  reports: runReports,
  operator: (parts, _send, signal) => runOperators(parts, signal),
  checkpointer: (parts, _send, signal) => runCheckpointer(parts, signal),
  feed: (parts, _send, signal) => runCdEventsFeed(parts, signal),
};

/** Opens the parts and starts the roles. The data folder is locked by the caller. */
export async function startLedger(configuration: Configuration, log: Log, clock?: Clock): Promise<LedgerProcess> {
  const parts = await openParts(configuration, log, clock);
  const { readiness } = parts;
  const stopping = new AbortController();
  // Every policy and every operator listens to it: Node takes more than ten for a leak.
  setMaxListeners(0, stopping.signal);
  const running: Promise<void>[] = [];
  try {
    readiness.await('the roles to start');
    if (configuration.roles.has('checkpointer')) await ensureLedgerKey(parts);
    await ensureAdminToken(parts, configuration.data);
    const { app, send } = await createApplication(parts);
    const stop = async (): Promise<void> => {
      // Requests that are under way still need the views to move.
      await app.close();
      stopping.abort();
      await Promise.allSettled(running);
      await parts.close();
    };
    try {
      if (configuration.roles.has('api')) await listen(app, parts);
    } catch (error) {
      await app.close();
      throw error;
    }
    const failed = new Promise<never>((_, reject) => {
      for (const [name, role] of Object.entries(BACKGROUND)) {
        if (!configuration.roles.has(name as RoleName)) continue;
        const run = role(parts, send, stopping.signal);
        run.catch(reject);
        running.push(run);
      }
    });
    failed.catch(() => undefined);
    readiness.reached('the roles to start');
    return { parts, failed, stop };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
