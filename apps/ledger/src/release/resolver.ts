import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { ROLLBACK_OF, ROLLBACK_REASON, type ReleaseCommand, releaseStreamOf } from '@waybill/domain';
import { type CommandResult, WaybillError, canonicalText, derivedId, newId } from '@waybill/kernel';
import { givenCommandId, metadataOf } from '../access/asker.js';
import { refusedByLogin } from '../access/named.js';
import { fullReleaseId } from '../access/subjects.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { parseRef, projectKey } from '../project/parsing.js';
import { catchUpWithLog } from '../reading.js';
import { shown } from '../writing.js';
import { loadRelease } from './context.js';
import { ReleaseRequest } from './handlers.js';
import { type ReleaseAnswer, toRelease } from './mapping.js';

type ReleasePayload = Omit<Api.ReleasePayload, 'release'> & { readonly release: ReleaseAnswer };
type Given = { [C in ReleaseCommand as C['type']]: Pick<C, 'type' | 'data'> }[ReleaseCommand['type']];

/** A release that exists; its correlation is that of its request. */
interface FoundRelease {
  readonly id: string;
  readonly project: string;
  readonly correlationId: string;
}

/** Free text of a person: more is no reason but a document. Bytes. */
const REASON_LIMIT = 10_000;

@Resolver('Release')
export class ReleaseMutations {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Mutation()
  requestRelease(
    @Args('input') input: Api.RequestReleaseInput,
    @Context() context: GraphqlContext,
  ): Promise<ReleasePayload> {
    const project = projectKey(input.project);
    const ref = parseRef(input.ref);
    const commandId = givenCommandId(input.commandId) ?? ciCommandId(project, input);
    const pipelineId = input.pipelineId ?? null;
    const trigger = input.trigger ?? (pipelineId === null ? 'manual' : 'push');
    if (trigger !== 'push' && trigger !== 'manual') {
      throw new WaybillError('INVALID_INPUT', `trigger: ${trigger} is not one that a caller gives`, {
        hint: 'Give push or manual; to go back to an earlier release use rollback.',
        fields: [{ field: 'trigger', message: 'give push or manual' }],
      });
    }
    const data = {
      release: derivedId('release', commandId),
      project,
      ref,
      commit: input.commit,
      // The handler parses what the caller gave.
      deliverable: (input.deliverable ?? null) as never,
      trigger,
      reuses: null,
      source: {
        via: (input.via ?? 'graphql') as never,
        pipelineId,
        jobId: input.jobId ?? null,
        url: input.url ?? null,
        attributes: (input.attributes ?? {}) as never,
      },
    } as const;
    return this.change({ type: 'RequestRelease', data }, { project }, commandId, context);
  }

  @Mutation()
  async provideDeliverable(
    @Args('input') { release, deliverable, commandId }: Api.ProvideDeliverableInput,
    @Context() context: GraphqlContext,
  ): Promise<ReleasePayload> {
    const found = await this.requireRelease(release);
    const data = { release: found.id, deliverable: deliverable as never };
    return this.change({ type: 'ProvideDeliverable', data }, found, givenCommandId(commandId), context);
  }

  @Mutation()
  async approveRelease(
    @Args('input') { release, reason, commandId }: Api.ReleaseActionInput,
    @Context() context: GraphqlContext,
  ): Promise<ReleasePayload> {
    const found = await this.requireRelease(release);
    const words = await this.keepReason(reason);
    const data = { release: found.id, ...(words === null ? {} : { reason: words }) };
    return this.change({ type: 'ApproveRelease', data }, found, givenCommandId(commandId), context);
  }

  @Mutation()
  async refuseRelease(
    @Args('input') { release, reason, commandId }: Api.ReleaseActionInput,
    @Context() context: GraphqlContext,
  ): Promise<ReleasePayload> {
    const found = await this.requireRelease(release);
    const data = { release: found.id, reason: await this.keepReason(reason) };
    return this.change({ type: 'RefuseRelease', data }, found, givenCommandId(commandId), context);
  }

  @Mutation()
  async cancelRelease(
    @Args('input') { release, reason, commandId }: Api.ReleaseActionInput,
    @Context() context: GraphqlContext,
  ): Promise<ReleasePayload> {
    const found = await this.requireRelease(release);
    const data = { release: found.id, cause: 'requested' as const, reason: await this.keepReason(reason) };
    return this.change({ type: 'CancelRelease', data }, found, givenCommandId(commandId), context);
  }

  @Mutation()
  async rollback(@Args('input') input: Api.RollbackInput, @Context() context: GraphqlContext): Promise<ReleasePayload> {
    const commandId = givenCommandId(input.commandId) ?? newId();
    const again = await this.releaseOfCommand(commandId);
    const good = again?.reuses ?? (await this.releaseToGoBackTo(input));
    const { state } = await loadRelease(this.parts, good);
    if (!state.requested) throw new WaybillError('NOT_FOUND', `there is no release ${good}`);
    const { project, ref, commit, source } = state.requested;
    // Why somebody went back to this release another time is no reason for this one.
    const { [ROLLBACK_REASON]: _, [ROLLBACK_OF]: __, ...attributes } = source.attributes;
    const reason = await this.keepReason(input.reason);
    const data = {
      release: derivedId('release', commandId),
      project,
      ref,
      commit,
      deliverable: null,
      trigger: 'rollback' as const,
      reuses: good,
      source: {
        ...source,
        via: 'graphql' as const,
        attributes: reason === null ? attributes : { ...attributes, [ROLLBACK_REASON]: reason },
      },
    };
    return this.change({ type: 'RequestRelease', data }, { project }, commandId, context);
  }

  private async change(
    given: Given,
    { project, correlationId }: { readonly project: string; readonly correlationId?: string },
    commandId: string | undefined,
    { asker, people }: GraphqlContext,
  ): Promise<ReleasePayload> {
    const own = metadataOf(asker, project, this.parts.now(), commandId);
    // What becomes of a release is one story, also where a person has a say in it.
    const metadata = { ...own, correlationId: correlationId ?? own.correlationId };
    const result: CommandResult<unknown> = await refusedByLogin(
      this.bus.execute(new ReleaseRequest({ ...given, metadata })),
      people,
    );
    const position = await shown(this.parts, result);
    const row = await this.parts.views.releases.get(given.data.release);
    if (!row) throw new Error(`release ${given.data.release} is not in the views`);
    return { release: toRelease(row), position };
  }

  private async requireRelease(idOrPrefix: string): Promise<FoundRelease> {
    const id = await fullReleaseId(this.parts, idOrPrefix);
    const loaded = id === undefined ? undefined : await loadRelease(this.parts, id);
    const project = loaded?.state.requested?.project;
    const correlationId = loaded?.events[0]?.correlationId;
    if (id && project && correlationId) return { id, project, correlationId };
    throw new WaybillError('NOT_FOUND', `there is no release ${idOrPrefix}`, {
      hint: 'waybill history lists releases with their ids.',
    });
  }

  /** A reason is free text of a person: it lives in the blob store and can be erased there. */
  private async keepReason(reason: string | null | undefined): Promise<string | null> {
    const text = reason?.trim() ?? '';
    return text === '' ? null : this.parts.blobs.put(text, { file: 'reason', limit: REASON_LIMIT });
  }

  /** What the same command asked for the first time: the environment has moved on since. */
  private async releaseOfCommand(commandId: string): Promise<{ reuses: string | null } | undefined> {
    const release = derivedId('release', commandId);
    const [first] = await this.parts.store.readStream(releaseStreamOf(release), { limit: 1 });
    if (!first) return undefined;
    const { state } = await loadRelease(this.parts, release);
    return { reuses: state.requested?.reuses ?? null };
  }

  private async releaseToGoBackTo({ release, environment }: Api.RollbackInput): Promise<string> {
    if ((release == null) === (environment == null)) {
      throw new WaybillError('INVALID_INPUT', 'give either release or environment', {
        fields: [{ field: 'release', message: 'give either release or environment' }],
      });
    }
    if (release != null) return (await this.requireRelease(release)).id;
    await catchUpWithLog(this.parts);
    const name = environment!.trim().toLowerCase();
    const row = await this.parts.views.environments.get(name);
    if (!row) {
      throw new WaybillError('NOT_FOUND', `no environment is called ${name}`, {
        hint: 'waybill status lists environments.',
      });
    }
    const good = await this.parts.views.deployments.lastGoodBefore(name, row.generation);
    if (good?.release) return good.release;
    throw new WaybillError('INVALID_STATE', `nothing was ever delivered in ${name} before what is there now`, {
      hint: 'There is nothing to roll back to; name a release instead.',
    });
  }
}

/** A CI job that calls twice asks once; a retried job (attempt) or another job asks anew. */
function ciCommandId(project: string, input: Api.RequestReleaseInput): string {
  const { ref, commit, deliverable, pipelineId, jobId, attempt } = input;
  if (pipelineId == null) return newId();
  return derivedId(
    project,
    `${ref.kind ?? 'branch'}:${ref.name}`,
    commit.toLowerCase(),
    canonicalText(deliverable ?? null),
    pipelineId,
    jobId ?? '',
    String(attempt ?? 1),
  );
}
