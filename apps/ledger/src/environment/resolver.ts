import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import {
  type EnvironmentEvent,
  type EnvironmentId,
  environmentName,
  environmentStreamOf,
  parseEnvironmentName,
} from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { givenCommandId, metadataOf } from '../access/asker.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { shown } from '../writing.js';
import { EnvironmentRequest } from './handlers.js';
import { type EnvironmentAnswer, toEnvironment } from './mapping.js';

@Resolver('Environment')
export class EnvironmentMutations {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Mutation()
  async removeEnvironment(
    @Args('input') { name, commandId }: Api.RemoveEnvironmentInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Omit<Api.EnvironmentPayload, 'environment'> & { environment: EnvironmentAnswer }> {
    const environment = parseEnvironmentName(name.trim().toLowerCase());
    if (!environment) throw notFound(name);
    const metadata = metadataOf(asker, environment.project, this.parts.now(), givenCommandId(commandId));
    const order = await this.orderOf(environment, metadata.commandId);
    if (order === undefined) throw notFound(name);
    const result = await this.bus.execute(
      new EnvironmentRequest({ type: 'RemoveEnvironment', data: { environment, order, cause: 'requested' }, metadata }),
    );
    const position = await shown(this.parts, result);
    const row = await this.parts.views.environments.get(name.trim().toLowerCase());
    if (!row) throw notFound(name);
    return { environment: toEnvironment(row), position };
  }

  @Mutation()
  async directRollout(
    @Args('input') { name, directive, full, step, generation, commandId }: Api.DirectRolloutInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Omit<Api.EnvironmentPayload, 'environment'> & { environment: EnvironmentAnswer }> {
    const environment = parseEnvironmentName(name.trim().toLowerCase());
    if (!environment) throw notFound(name);
    if (full && directive !== 'promote') {
      throw new WaybillError('INVALID_INPUT', `full: only a promote goes to all traffic at once, not ${directive}`, {
        fields: [{ field: 'full', message: 'give it with PROMOTE only' }],
      });
    }
    if (typeof step === 'number' && directive !== 'promote') {
      throw new WaybillError('INVALID_INPUT', `step: only a promote is for the pause of one step, not ${directive}`, {
        fields: [{ field: 'step', message: 'give it with PROMOTE only' }],
      });
    }
    const metadata = metadataOf(asker, environment.project, this.parts.now(), givenCommandId(commandId));
    const directed = await this.directedOf(environment, generation ?? null, metadata.commandId);
    if (!directed) throw notFound(name);
    const result = await this.bus.execute(
      new EnvironmentRequest({
        type: 'DirectRollout',
        data: {
          environment,
          generation: directed.generation,
          directive,
          full: full ?? false,
          ...(typeof step === 'number' && { step }),
        },
        // It belongs to the release whose rollout it is.
        metadata: { ...metadata, correlationId: directed.correlationId },
      }),
    );
    const position = await shown(this.parts, result);
    const row = await this.parts.views.environments.get(environmentName(environment));
    if (!row) throw notFound(name);
    return { environment: toEnvironment(row), position };
  }

  /**
   * The generation that is directed: the one asked for, else the newest; of a repeated command what it was the first
   * time. Undefined when nothing was ever deployed there.
   */
  private async directedOf(
    environment: EnvironmentId,
    wanted: number | null,
    commandId: string,
  ): Promise<{ readonly generation: number; readonly correlationId: string } | undefined> {
    const events = (await this.parts.store.readStream(environmentStreamOf(environment))).map((recorded) => ({
      recorded,
      event: this.parts.catalogue.upcast<EnvironmentEvent>(recorded),
    }));
    const earlier = events.find(({ recorded }) => recorded.commandId === commandId)?.event;
    const first = earlier?.type === 'RolloutDirected' ? earlier.data.generation : wanted;
    const asked = events.flatMap(({ recorded: { correlationId }, event }) =>
      event.type === 'DeploymentRequested' || event.type === 'EnvironmentRemovalRequested'
        ? { generation: event.data.generation, correlationId }
        : [],
    );
    const newest = asked.at(-1);
    if (first === null || !newest) return newest;
    return asked.find(({ generation }) => generation === first) ?? { ...newest, generation: first };
  }

  /**
   * Newer than everything asked for so far: the end of the log. A repeated command keeps the order it had the first
   * time. Undefined when nothing was ever deployed there.
   */
  private async orderOf(environment: EnvironmentId, commandId: string): Promise<number | undefined> {
    const events = await this.parts.store.readStream(environmentStreamOf(environment));
    if (events.length === 0) return undefined;
    const earlier = events.find((event) => event.commandId === commandId);
    if (!earlier) return Number(await this.parts.store.lastPosition());
    const event = this.parts.catalogue.upcast<EnvironmentEvent>(earlier);
    return 'order' in event.data ? event.data.order : Number(earlier.position);
  }
}

function notFound(name: string): WaybillError {
  return new WaybillError('NOT_FOUND', `no environment is called ${name}`, {
    hint: 'Names look like <project>.<slot>@<location>; waybill status lists them.',
  });
}
