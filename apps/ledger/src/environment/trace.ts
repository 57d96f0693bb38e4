import { Inject } from '@nestjs/common';
import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { RecordedEvent } from '@waybill/kernel';
import { type EventAnswer, toEvent } from '../events/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { type AnyEvent, sentenceOf } from '../why/sentences.js';
import { type DeploymentAnswer, toDeployment } from './mapping.js';

type ActionAnswer = Omit<Api.DeploymentAction, 'event'> & { readonly event: EventAnswer };

/** What belongs to a deployment beside its row, each looked up once a request for all deployments that are asked for. */
@Resolver('Deployment')
export class DeploymentTrace {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @ResolveField()
  previous(@Parent() { environment, replaces }: DeploymentAnswer, @Context() context: GraphqlContext) {
    return replaces === null ? null : generation(context, environment, replaces);
  }

  @ResolveField()
  next(@Parent() { environment, generation: own }: DeploymentAnswer, @Context() context: GraphqlContext) {
    return generation(context, environment, own + 1);
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
    @Parent() { name }: DeploymentAnswer,
    @Context() { streams }: GraphqlContext,
  ): Promise<readonly ActionAnswer[]> {
    return (await streams.load(`deployment-${name}`)).map((event) => this.actionOf(event));
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

async function generation(
  { deployments }: GraphqlContext,
  environment: string,
  number: number,
): Promise<DeploymentAnswer | null> {
  const row = await deployments.load(`${environment}.${number}`);
  return row && toDeployment(row);
}
