import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { StatisticsAnswer, StatisticsKey, StatisticsRow } from '@waybill/views';
import { isOpaqueId } from '../access/people.js';
import { type PrincipalRef, principalRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { cutFor, filterFrom, orderFrom } from './asking.js';

type KeyAnswer = Omit<Api.StatisticsKey, 'principal'>;

interface RowAnswer {
  readonly keys: readonly KeyAnswer[];
  readonly values: StatisticsRow['values'];
}

type Answer = Omit<StatisticsAnswer, 'rows' | 'total'> & {
  readonly rows: readonly RowAnswer[];
  readonly total: RowAnswer;
};

@Resolver('StatisticsKey')
export class StatisticsResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async statistics(@Args('input') input: Api.StatisticsInput, @Context() { asker }: GraphqlContext): Promise<Answer> {
    const { filter, orderBy, ...question } = input;
    const { rows, total, ...answer } = await this.parts.views.statistics.ask(
      {
        ...question,
        filter: (filter ?? []).map(filterFrom),
        orderBy: (orderBy ?? []).map(orderFrom),
        projects: cutFor(asker),
      },
      this.parts.now(),
    );
    return { ...answer, rows: rows.map(toRow), total: toRow(total) };
  }

  @ResolveField()
  principal(@Parent() { by, value }: KeyAnswer): PrincipalRef | null {
    return by === 'person' && value !== null && isOpaqueId(value) ? principalRef(value) : null;
  }
}

const toRow = ({ keys, values }: StatisticsRow): RowAnswer => ({ keys: keys.map(toKey), values });

const toKey = ({ dimension, ...key }: StatisticsKey): KeyAnswer => ({ by: dimension, ...key });
