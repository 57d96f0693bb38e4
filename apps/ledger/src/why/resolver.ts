import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { RecordedEvent } from '@waybill/kernel';
import { type EventAnswer, toEvent } from '../events/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { chainOf } from './chain.js';
import { type AnyEvent, sentenceOf } from './sentences.js';
import { subjectOf } from './subject.js';

type WhyAnswer = Omit<Api.Why, 'steps'> & {
  readonly steps: readonly (Omit<Api.WhyStep, 'event'> & { readonly event: EventAnswer })[];
};

@Resolver('Why')
export class WhyQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async why(@Args('subject') given: string, @Context() { asker }: GraphqlContext): Promise<WhyAnswer> {
    const subject = await subjectOf(this.parts, asker, given);
    const links = await chainOf(this.parts, subject);
    const nameOf = await this.namesIn(links.map(({ event }) => event));
    const steps = links.map(({ event, depth }) => ({
      sentence: sentenceOf(this.parts.catalogue.upcast<AnyEvent>(event), { actor: event.actor, nameOf }),
      event: toEvent(event),
      depth,
    }));
    return { subject: subject.name, summary: subject.summary ?? steps.at(-1)?.sentence ?? '', steps };
  }

  /** Names are joined when asked: an erased person is told by the opaque id. */
  private async namesIn(events: readonly RecordedEvent[]): Promise<(id: string) => string> {
    const ids = new Set(events.flatMap(({ actor, data }) => [actor.id, ...opaqueIds(data)]));
    const people = await this.parts.operations.people.findAll([...ids]);
    return (id) => people.get(id)?.name ?? people.get(id)?.login ?? id;
  }
}

function opaqueIds(data: RecordedEvent['data']): string[] {
  return Object.values(data).filter(
    (value): value is string => typeof value === 'string' && /^[ps]-[0-9a-z]{8,40}$/.test(value),
  );
}
