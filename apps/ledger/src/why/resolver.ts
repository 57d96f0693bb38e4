import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { RecordedEvent } from '@waybill/kernel';
import { type EventAnswer, toEvent } from '../events/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { chainOf } from './chain.js';
import { wordsOf } from '../release/words.js';
import { type AnyEvent, sentenceOf, writtenReason } from './sentences.js';
import { subjectOf } from './subject.js';

type WhyAnswer = Omit<Api.Why, 'steps'> & {
  readonly steps: readonly (Omit<Api.WhyStep, 'event'> & { readonly event: EventAnswer })[];
};

@Resolver('Why')
export class WhyQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async why(
    @Args() { subject: given, direction }: Api.QueryWhyArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<WhyAnswer> {
    const subject = await subjectOf(this.parts, asker, given);
    const { links, cut } = await chainOf(this.parts, subject, direction ?? 'causes');
    const own = new Set(subject.events.map(({ id }) => id));
    const told = links.map((link) => ({ ...link, now: this.parts.catalogue.upcast<AnyEvent>(link.event) }));
    const nameOf = await this.namesIn(links.map(({ event }) => event));
    const quoted = await this.wordsIn(told.map(({ now }) => now));
    const steps = told.map(({ event, now, depth, because }) => ({
      sentence: sentenceOf(now, { actor: event.actor, nameOf, wordsOf: quoted }),
      event: toEvent(event),
      depth,
      because,
      isSubject: own.has(event.id),
    }));
    const last = direction === 'effects' ? steps[0] : steps.at(-1);
    return { subject: subject.name, summary: subject.summary ?? last?.sentence ?? '', steps, cut };
  }

  /** Names are joined when asked: an erased person is told by the opaque id. */
  private async namesIn(events: readonly RecordedEvent[]): Promise<(id: string) => string> {
    const ids = new Set(events.flatMap(({ actor, data }) => [actor.id, ...opaqueIds(data)]));
    const people = await this.parts.operations.people.findAll([...ids]);
    return (id) => people.get(id)?.name ?? people.get(id)?.login ?? id;
  }

  private async wordsIn(events: readonly AnyEvent[]): Promise<(digest: string) => string | undefined> {
    const digests = [...new Set(events.flatMap((event) => writtenReason(event) ?? []))];
    const words = new Map<string, string | null>();
    for (const digest of digests) words.set(digest, await wordsOf(this.parts.blobs, digest));
    return (digest) => words.get(digest) ?? undefined;
  }
}

function opaqueIds(data: RecordedEvent['data']): string[] {
  return Object.values(data).filter(
    (value): value is string => typeof value === 'string' && /^[ps]-[0-9a-z]{8,40}$/.test(value),
  );
}
