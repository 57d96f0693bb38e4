import { Inject } from '@nestjs/common';
import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { RecordedEvent } from '@waybill/kernel';
import { type EventAnswer, toEvent } from '../events/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { type IncidentAnswer, toIncident } from '../incident/mapping.js';
import { PARTS, type Parts } from '../parts.js';
import { type AnyEvent, sentenceOf } from '../why/sentences.js';
import { isUpTo } from '../history/moment.js';
import type { DeploymentAnswer } from './mapping.js';
import { deploymentNamed } from './queries.js';

type ActionAnswer = Omit<Api.DeploymentAction, 'event'> & { readonly event: EventAnswer };

/** What belongs to a deployment beside its row, each looked up once a request for all deployments that are asked for. */
@Resolver('Deployment')
export class DeploymentTrace {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @ResolveField()
  previous(@Parent() { environment, replaces, moment }: DeploymentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, replaces === null ? null : `${environment}.${replaces}`, moment);
  }

  @ResolveField()
  next(@Parent() { environment, generation, moment }: DeploymentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, `${environment}.${generation + 1}`, moment);
  }

  /** Those that its release caused, unless they are known to be elsewhere. */
  @ResolveField()
  async incidents(
    @Parent() { release, environment }: DeploymentAnswer,
    @Context() { incidentsOf }: GraphqlContext,
  ): Promise<readonly IncidentAnswer[]> {
    const caused = release === null ? [] : (await incidentsOf.load(release)).map(toIncident);
    return caused.filter((incident) => incident.environment === null || incident.environment === environment);
  }

  @ResolveField()
  async desired(
    @Parent() { desiredDigest }: DeploymentAnswer,
    @Context() { contents }: GraphqlContext,
  ): Promise<unknown> {
    const text = desiredDigest === null ? null : await contents.load(desiredDigest);
    return text === null ? null : JSON.parse(text);
  }

  @ResolveField()
  async actions(
    @Parent() { name, moment }: DeploymentAnswer,
    @Context() { streams }: GraphqlContext,
  ): Promise<readonly ActionAnswer[]> {
    const events = await streams.load(`deployment-${name}`);
    return events.filter((event) => moment === null || isUpTo(moment, event)).map((event) => this.actionOf(event));
  }

  private actionOf(event: RecordedEvent): ActionAnswer {
    const now = this.parts.catalogue.upcast<AnyEvent>(event);
    const data: Readonly<Record<string, unknown>> = now.data;
    return {
      event: toEvent(event),
      kind: event.type,
      // Reports name no people.
      sentence: sentenceOf(now, { actor: event.actor, nameOf: (id) => id, wordsOf: () => undefined }),
      at: event.occurredAt,
      recordedAt: event.recordedAt,
      durationMs: typeof data['durationMs'] === 'number' ? data['durationMs'] : null,
      reason: typeof data['reason'] === 'string' ? data['reason'] : null,
      message: typeof data['message'] === 'string' ? data['message'] : null,
      objects: data['objects'] ?? null,
    };
  }
}
