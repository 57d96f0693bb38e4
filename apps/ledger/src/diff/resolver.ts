import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { RejectedError, STABLE_CAPABILITIES, planObjects, toFiles } from '@waybill/adapters';
import type { DesiredState } from '@waybill/channel';
import { decodeCursor, encodeCursor, listFingerprint, pageSize } from '@waybill/views';
import type * as Api from '../graphql.gen.js';
import { type DeploymentAnswer } from '../environment/mapping.js';
import { deploymentNamed } from '../environment/queries.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { fieldChanges, textChanges } from './changes.js';
import { pairsOf } from './sides.js';

/** Two deployments; everything that is asked of them is looked up when it is asked. */
interface ComparisonAnswer {
  readonly subject: string;
  readonly from: DeploymentAnswer | null;
  readonly to: DeploymentAnswer | null;
}

interface DiffAnswer {
  readonly nodes: readonly ComparisonAnswer[];
  readonly pageInfo: Api.PageInfo;
  readonly totalCount: number;
}

@Resolver('Comparison')
export class DiffQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async diff(
    @Args() { from, to, first, after }: Api.QueryDiffArgs,
    @Context() context: GraphqlContext,
  ): Promise<DiffAnswer> {
    const pairs = await pairsOf(this.parts, context.asker, from, to);
    const fingerprint = listFingerprint('diff', { from, to });
    const size = pageSize(first);
    const behind = after == null ? '' : decodeCursor(fingerprint, 'string', after);
    const open = pairs.filter(({ subject }) => subject > behind);
    const nodes = await Promise.all(
      open.slice(0, size).map(async ({ subject, ...pair }) => ({
        subject,
        from: await deploymentNamed(context, pair.from, pair.fromMoment),
        to: await deploymentNamed(context, pair.to, pair.toMoment),
      })),
    );
    const cursorOf = (node: ComparisonAnswer | undefined) => node && encodeCursor(fingerprint, node.subject);
    const pageInfo = {
      hasNextPage: open.length > size,
      hasPreviousPage: after != null,
      startCursor: cursorOf(nodes[0]) ?? null,
      endCursor: cursorOf(nodes.at(-1)) ?? null,
    };
    return { nodes, pageInfo, totalCount: pairs.length };
  }

  @ResolveField()
  image(@Parent() { from, to }: ComparisonAnswer): Api.FieldChange | null {
    return fieldChanges(from?.deliverable, to?.deliverable).length === 0
      ? null
      : { path: 'deliverable', from: from?.deliverable ?? null, to: to?.deliverable ?? null };
  }

  @ResolveField()
  async config(
    @Parent() { from, to }: ComparisonAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly Api.TextChange[]> {
    const [before, after] = await Promise.all([from, to].map((side) => configFiles(context, side)));
    return textChanges(before!, after!);
  }

  @ResolveField()
  async metadata(
    @Parent() { from, to }: ComparisonAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly Api.FieldChange[]> {
    const [before, after] = await Promise.all([from, to].map((side) => metadataOf(context, side)));
    return fieldChanges(before, after);
  }

  @ResolveField()
  async rule(
    @Parent() { from, to }: ComparisonAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly Api.FieldChange[]> {
    const [before, after] = await Promise.all([from, to].map(async (side) => (await releaseOf(context, side))?.rule));
    return fieldChanges(before ?? {}, after ?? {});
  }

  /** The files stand under `config`, and what a release is called differs from one to the next. */
  @ResolveField()
  async desired(
    @Parent() { from, to }: ComparisonAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly Api.FieldChange[]> {
    const [before, after] = await Promise.all([from, to].map(async (side) => settings(await desiredOf(context, side))));
    return fieldChanges(before!, after!);
  }

  @ResolveField()
  async objects(
    @Parent() { from, to }: ComparisonAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly Api.TextChange[]> {
    const [before, after] = await Promise.all(
      [from, to].map(async (side) => objectFiles(await desiredOf(context, side), side?.generation ?? 1)),
    );
    return textChanges(before!, after!);
  }
}

/** What a deployment changed: it beside what it replaced. */
@Resolver('Deployment')
export class DeploymentChanges {
  @ResolveField()
  async changes(@Parent() to: DeploymentAnswer, @Context() context: GraphqlContext): Promise<ComparisonAnswer> {
    const { environment, replaces, moment } = to;
    const from = await deploymentNamed(context, replaces === null ? null : `${environment}.${replaces}`, moment);
    return { subject: environment, from, to };
  }
}

const releaseOf = async ({ releases }: GraphqlContext, side: DeploymentAnswer | null) =>
  side?.release == null ? null : releases.load(side.release);

async function configFiles(context: GraphqlContext, side: DeploymentAnswer | null): Promise<Record<string, string>> {
  const config = (await releaseOf(context, side))?.config;
  const text = config && (await context.contents.load(config.contents));
  return text == null ? {} : (JSON.parse(text) as { readonly files: Record<string, string> }).files;
}

async function metadataOf(context: GraphqlContext, side: DeploymentAnswer | null): Promise<Record<string, unknown>> {
  const release = await releaseOf(context, side);
  if (release?.metadataRevision == null) return {};
  const { project, metadataRevision: revision } = release;
  const { developer, business, devops } = await context.metadata.load({ project, revision });
  return { developer: developer?.value, business: business?.value, devops: devops?.value };
}

async function desiredOf(context: GraphqlContext, side: DeploymentAnswer | null): Promise<DesiredState | null> {
  const text = side?.desiredDigest == null ? null : await context.contents.load(side.desiredDigest);
  return text === null ? null : (JSON.parse(text) as DesiredState);
}

function settings(desired: DesiredState | null): object {
  if (!desired) return {};
  const { schema: _schema, release: _release, trace: _trace, manifests: _manifests, config, ...rest } = desired;
  const { files: _files, ...source } = config;
  return { ...rest, config: source };
}

/** As they are planned for a server of the newest kind: what a location served then is not told here. */
function objectFiles(desired: DesiredState | null, generation: number): Record<string, string> {
  if (!desired) return {};
  try {
    return toFiles(planObjects(desired, generation, STABLE_CAPABILITIES).objects);
  } catch (error) {
    // What no cluster can take has no objects there.
    if (error instanceof RejectedError) return {};
    throw error;
  }
}
