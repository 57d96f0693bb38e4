import { Inject } from '@nestjs/common';
import { Mutation, Query, Resolver } from '@nestjs/graphql';
import type { RebuildStatus } from '@waybill/views';
import type * as Api from '../graphql.gen.js';
import { PARTS, type Parts } from '../parts.js';
import { VERSION } from '../version.js';

@Resolver('Ledger')
export class LedgerResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async ledger(): Promise<Api.Ledger> {
    const { store, views } = this.parts;
    return {
      id: store.ledgerId,
      version: VERSION,
      position: (await store.lastPosition()) ?? null,
      viewPosition: views.position() ?? null,
    };
  }

  @Query()
  rebuild(): Api.Rebuild | null {
    const status = this.parts.views.rebuildStatus();
    return status ? toRebuild(status) : null;
  }

  /** Starts a rebuild, or joins the one that runs; `rebuild` tells how far it is. */
  @Mutation()
  rebuildViews(): Api.Rebuild {
    const { views, store, log } = this.parts;
    const startedAt = this.parts.now();
    views.rebuild(store).catch((error: unknown) => log.error('the rebuild of the views failed', error));
    const status = views.rebuildStatus();
    return status?.state === 'running'
      ? toRebuild(status)
      : { state: 'running', done: 0, total: 0, startedAt, finishedAt: null, error: null };
  }
}

const toRebuild = ({ state, done, total, startedAt, finishedAt, error }: RebuildStatus): Api.Rebuild => ({
  state,
  done,
  total,
  startedAt,
  finishedAt,
  error,
});
