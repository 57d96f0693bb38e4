import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { WaybillError } from '@waybill/kernel';
import type { Page } from '@waybill/views';
import { givenCommandId } from '../access/asker.js';
import { requireListed } from '../access/listed.js';
import { visible } from '../access/visible.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { PARTS, type Parts } from '../parts.js';
import { toRelease } from '../release/mapping.js';
import { requireProject } from './project.js';
import { wordsOf } from '../release/words.js';
import { shown } from '../writing.js';
import { type IncidentAnswer, type VersionAnswer, toIncident, toVersion } from './mapping.js';
import { environmentFrom, incidentIdOf, recorder } from './recording.js';

type Payload = Omit<Api.IncidentPayload, 'incident'> & { readonly incident: IncidentAnswer };

@Resolver('Incident')
export class IncidentResolver {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Query()
  async incident(@Args('id') id: string): Promise<IncidentAnswer | null> {
    const row = await this.parts.views.incidents.get(id.trim().toLowerCase());
    return row ? toIncident(row) : null;
  }

  @Query()
  async incidents(
    @Args() { filter, ...request }: Api.QueryIncidentsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<IncidentAnswer>> {
    const open = visible(asker, filter);
    await requireListed(this.parts, open);
    return mapPage(await this.parts.views.incidents.list({ ...request, filter: open }), toIncident);
  }

  @ResolveField()
  summary(@Parent() { summaryDigest }: IncidentAnswer): Promise<string | null> {
    return wordsOf(this.parts.blobs, summaryDigest);
  }

  @ResolveField()
  cause(@Parent() { causeId }: IncidentAnswer, @Context() context: GraphqlContext) {
    return releaseNamed(context, causeId);
  }

  @ResolveField()
  fixedBy(@Parent() { fixedById }: IncidentAnswer, @Context() context: GraphqlContext) {
    return releaseNamed(context, fixedById);
  }

  @ResolveField()
  async versions(@Parent() { id }: IncidentAnswer): Promise<readonly VersionAnswer[]> {
    return (await this.parts.views.incidents.versions(id)).map(toVersion);
  }

  @Mutation()
  async openIncident(
    @Args('input') input: Api.OpenIncidentInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Payload> {
    const project = await requireProject(this.parts, input.project);
    const source = { via: 'graphql', key: input.key ?? null, url: input.url ?? null } as const;
    const commandId = givenCommandId(input.commandId);
    const { incident, results } = await recorder(this.parts, this.bus, asker).open(
      incidentIdOf(project, source),
      {
        project,
        environment: environmentFrom(input.environment),
        openedAt: input.openedAt ?? this.parts.now(),
        severity: input.severity ?? null,
        summary: input.summary ?? null,
        source,
        cause: input.cause ?? null,
      },
      commandId,
    );
    return this.payload(incident, await shown(this.parts, ...results));
  }

  @Mutation()
  async nameIncidentCause(
    @Args('input') { incident, release, commandId }: Api.NameIncidentCauseInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Payload> {
    const result = await recorder(this.parts, this.bus, asker).nameCause(incident, release, givenCommandId(commandId));
    return this.payload(incident, await shown(this.parts, result));
  }

  @Mutation()
  async resolveIncident(
    @Args('input') { incident, resolvedAt, fixedBy, commandId }: Api.ResolveIncidentInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Payload> {
    const at = resolvedAt ?? this.parts.now();
    const id = givenCommandId(commandId);
    const result = await recorder(this.parts, this.bus, asker).resolve(incident, at, fixedBy, id);
    return this.payload(incident, await shown(this.parts, result));
  }

  @Mutation()
  async correctIncident(
    @Args('input') { incident, commandId, openedAt, dismissed, ...changes }: Api.CorrectIncidentInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Payload> {
    const correction = { ...changes, openedAt: openedAt ?? undefined, dismissed: dismissed ?? undefined };
    const id = givenCommandId(commandId);
    const result = await recorder(this.parts, this.bus, asker).correct(incident, correction, id);
    return this.payload(incident, await shown(this.parts, result));
  }

  private async payload(incident: string, position: string | null): Promise<Payload> {
    const row = await this.parts.views.incidents.get(incident.toLowerCase());
    if (!row) throw new WaybillError('NOT_FOUND', `there is no incident ${incident}`);
    return { incident: toIncident(row), position };
  }
}

@Resolver('IncidentVersion')
export class IncidentVersionResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @ResolveField()
  reason(@Parent() { reasonDigest }: VersionAnswer): Promise<string | null> {
    return wordsOf(this.parts.blobs, reasonDigest);
  }
}

export async function releaseNamed({ releases }: GraphqlContext, id: string | null) {
  const row = id === null ? null : await releases.load(id);
  return row ? toRelease(row) : null;
}
