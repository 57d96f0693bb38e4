import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  DORA_DEFINITIONS,
  type DoraEvidence,
  type DoraMetric,
  type DoraNumber,
  type Page,
  decodeCursor,
  listFingerprint,
  pageOf,
  pageSize,
} from '@waybill/views';
import { requireListed } from '../access/listed.js';
import { visible } from '../access/visible.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { toIncident, toVersion, type VersionAnswer } from '../incident/mapping.js';
import { releaseNamed } from '../incident/resolver.js';
import { PARTS, type Parts } from '../parts.js';

interface NumberAnswer {
  readonly value: number | null;
  readonly rating: string | null;
  readonly inferred: number;
  /** What a cursor belongs to: the same question, metric and side of a correction. */
  readonly of: readonly unknown[];
  readonly all: readonly DoraEvidence[];
}

type MetricAnswer = Omit<DoraMetric, 'asKnown' | 'asRecorded'> & {
  readonly asKnown: NumberAnswer;
  readonly asRecorded: NumberAnswer;
};

interface Answer {
  readonly definition: Api.DoraDefinition;
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly metrics: readonly MetricAnswer[];
  readonly corrections: readonly VersionAnswer[];
}

@Resolver('DoraNumber')
export class DoraResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async dora(
    @Args('input') input: Api.DoraInput | null | undefined,
    @Context() { asker }: GraphqlContext,
  ): Promise<Answer> {
    const { project, projects } = visible(asker, { project: input?.project });
    await requireListed(this.parts, { project });
    const question = { ...input, project, projects };
    const { metrics, corrections, definition, ...answer } = await this.parts.views.dora.ask(question, this.parts.now());
    const of = [definition.name, answer.from, answer.timeZone, project ?? null, projects, input?.knownAt ?? null];
    return {
      ...answer,
      definition: definitionNamed(definition.name),
      metrics: metrics.map(({ asKnown, asRecorded, ...metric }) => ({
        ...metric,
        asKnown: toNumber(asKnown, [...of, metric.metric, 'known']),
        asRecorded: toNumber(asRecorded, [...of, metric.metric, 'recorded']),
      })),
      corrections: corrections.map(toVersion),
    };
  }

  @Query()
  doraDefinitions(): readonly Api.DoraDefinition[] {
    return DORA_DEFINITIONS.map(({ name }) => definitionNamed(name));
  }

  /** By place from the oldest: what happens meanwhile comes in before the first page and moves nothing. */
  @ResolveField()
  evidence(
    @Parent() { all, of }: NumberAnswer,
    @Args() { first, after }: Api.DoraNumberEvidenceArgs,
  ): Page<DoraEvidence> {
    const size = pageSize(first);
    const fingerprint = listFingerprint('dora', of);
    const ordered = all.map((node, key) => ({ key, node })).sort((a, b) => b.node.at - a.node.at || b.key - a.key);
    const behind = after == null ? undefined : decodeCursor(fingerprint, 'number', after);
    const start = behind === undefined ? 0 : ordered.findIndex(({ key }) => key === behind) + 1;
    return pageOf(ordered.slice(start, start + size + 1), {
      fingerprint,
      size,
      after: behind !== undefined,
      totalCount: all.length,
    });
  }
}

@Resolver('DoraEvidence')
export class DoraEvidenceResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @ResolveField()
  release(@Parent() { deployment }: DoraEvidence, @Context() context: GraphqlContext) {
    return releaseNamed(context, deployment);
  }

  @ResolveField()
  async incident(@Parent() { incident }: DoraEvidence) {
    const row = incident === null ? undefined : await this.parts.views.incidents.get(incident);
    return row ? toIncident(row) : null;
  }

  @ResolveField()
  at(@Parent() { at }: DoraEvidence): string {
    return new Date(at).toISOString();
  }
}

const toNumber = ({ value, rating, evidence }: DoraNumber, of: readonly unknown[]): NumberAnswer => ({
  value,
  rating,
  inferred: evidence.filter((it) => it.inferred).length,
  of,
  all: evidence,
});

function definitionNamed(wanted: string): Api.DoraDefinition {
  const { name, title, source, metrics } = DORA_DEFINITIONS.find((definition) => definition.name === wanted)!;
  return {
    name,
    title,
    source,
    metrics: Object.entries(metrics).map(([metric, { unit, words, compute }]) => ({
      metric: metric as Api.DoraMetricName,
      unit,
      words,
      defined: compute !== null,
    })),
  };
}
