import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { GraphQLModule } from '@nestjs/graphql';
import type { DesiredRecord } from '@waybill/channel';
import { createConfigRepositories } from '@waybill/config';
import { catalogue } from '@waybill/domain';
import { createRecentStreams, systemClock } from '@waybill/kernel';
import { type StoreTrouble, openEventStore, openState } from '@waybill/stores';
import { openViews, type ViewsTrouble } from '@waybill/views';
import { join } from 'node:path';
import { AccessGuard } from './access/guard.js';
import { AccessHandlers } from './access/handlers.js';
import { PrincipalQueries } from './access/queries.js';
import { AccessMutations } from './access/resolver.js';
import { createSessions } from './access/sessions.js';
import { openChannel } from './channel.js';
import type { Configuration } from './configuration.js';
import { DeploymentHandlers, EnvironmentHandlers } from './environment/handlers.js';
import { DeploymentQueries, EnvironmentQueries } from './environment/queries.js';
import { EnvironmentMutations } from './environment/resolver.js';
import { DoraEvidenceResolver, DoraResolver } from './dora/resolver.js';
import { EvidenceController } from './evidence/evidence.controller.js';
import { createSealer } from './evidence/sealer.js';
import { DeploymentTrace } from './environment/trace.js';
import { DeploymentChanges, DiffQueries } from './diff/resolver.js';
import { EventQueries } from './events/resolver.js';
import { PassOn } from './graphql/filter.js';
import { graphqlOptions } from './graphql/options.js';
import { DeadLetterResolver } from './location/dead-letters.js';
import { createAddress } from './http/address.js';
import { HealthController } from './http/health.controller.js';
import { LoginController } from './http/login.controller.js';
import { createMetrics } from './http/metrics.js';
import { IncidentHandlers } from './incident/handlers.js';
import { IncidentWebhookController } from './incident/webhook.controller.js';
import { IncidentResolver, IncidentVersionResolver } from './incident/resolver.js';
import { LedgerResolver } from './ledger/resolver.js';
import { LocationHandlers } from './location/handlers.js';
import { MigrationResolver } from './location/migration/resolver.js';
import { LocationResolver } from './location/resolver.js';
import type { Log } from './log.js';
import { PARTS, type Parts } from './parts.js';
import { ProjectHandlers } from './project/handlers.js';
import { ProjectQueries } from './project/queries.js';
import { RenderQueries } from './project/render.js';
import { ProjectMutations } from './project/resolver.js';
import { ReleaseHandlers } from './release/handlers.js';
import { ReleaseQueries } from './release/queries.js';
import { ReleaseMutations } from './release/resolver.js';
import { createReadiness } from './roles/readiness.js';
import { assertNotShortened } from './same-ledger.js';
import { ReleaseTrace } from './release/trace.js';
import { SearchQueries } from './search/resolver.js';
import { StatisticsExportController } from './statistics/export.controller.js';
import { StatisticsResolver } from './statistics/resolver.js';
import {
  CancelledFields,
  HeldBackFields,
  RefusedFields,
  ReleaseReasons,
  SupersededFields,
  WhyNotQueries,
} from './why/why-not.js';
import { WhyQueries } from './why/resolver.js';

/** Opens everything the process is made of in the data folder, which the caller has locked. */
export async function openParts(configuration: Configuration, log: Log, clock = systemClock): Promise<Parts> {
  const at = (name: string): string => join(configuration.data, name);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const metrics = createMetrics();
    const tell =
      (where: string) =>
      ({ what, reason, attempt, delay }: StoreTrouble | ViewsTrouble): void =>
        log.warn(`${where}: ${what} (${attempt} in a row), again in ${delay} ms: ${reason}`);
    const state = await openState<DesiredRecord>(configuration.state, { folder: configuration.data, clock });
    const operations = keep(state.operations);
    const blobs = keep(state.blobs);
    const store = metrics.counting(
      keep(
        await openEventStore(configuration.eventStore, {
          folder: configuration.data,
          known: await operations.ledger.id(),
          clock,
          onTrouble: tell('event store'),
        }),
      ),
    );
    await operations.ledger.remember(store.ledgerId);
    // A server's replica may lag behind what was read before; a file cannot.
    if (configuration.eventStore.startsWith('sqlite:')) await assertNotShortened(store, operations);
    const views = keep(
      await openViews({
        url: configuration.views,
        folder: at('views'),
        ledger: store.ledgerId,
        clock,
        onTrouble: tell('views'),
      }),
    );
    const config = keep(createConfigRepositories({ folder: at('config-mirrors') }));
    const observe = metrics.channel;
    const { channel, feed } = keep(openChannel(configuration.channel, { operations, views, log, observe }));
    metrics.observe({ lastPosition: () => store.lastPosition(), viewPosition: () => views.position() });
    return {
      configuration,
      store,
      catalogue,
      recent: createRecentStreams(),
      views,
      operations,
      blobs,
      channel,
      feed,
      config,
      sealer: createSealer({ configuration, store, catalogue, operations, now: clock }),
      sessions: createSessions(),
      metrics,
      address: createAddress(),
      readiness: createReadiness(),
      log,
      now: clock,
      close: () => closeAll(opened),
    };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Last opened, first closed: nothing is used by what is still open. */
async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.close();
}

@Module({})
export class AppModule {
  static over(parts: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), GraphQLModule.forRoot(graphqlOptions(parts))],
      controllers: [
        HealthController,
        LoginController,
        EvidenceController,
        StatisticsExportController,
        IncidentWebhookController,
      ],
      providers: [
        { provide: PARTS, useValue: parts },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: PassOn },
        ProjectHandlers,
        LocationHandlers,
        ReleaseHandlers,
        EnvironmentHandlers,
        DeploymentHandlers,
        AccessHandlers,
        LedgerResolver,
        PrincipalQueries,
        AccessMutations,
        ProjectQueries,
        ProjectMutations,
        RenderQueries,
        LocationResolver,
        MigrationResolver,
        DeadLetterResolver,
        ReleaseQueries,
        ReleaseMutations,
        EnvironmentQueries,
        EnvironmentMutations,
        DeploymentQueries,
        DeploymentTrace,
        ReleaseTrace,
        SearchQueries,
        EventQueries,
        WhyQueries,
        DiffQueries,
        DeploymentChanges,
        WhyNotQueries,
        ReleaseReasons,
        HeldBackFields,
        RefusedFields,
        CancelledFields,
        SupersededFields,
        StatisticsResolver,
        IncidentHandlers,
        IncidentResolver,
        IncidentVersionResolver,
        DoraResolver,
        DoraEvidenceResolver,
      ],
    };
  }
}
