import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { WaybillError } from '@waybill/kernel';
import type { Page, TimelineEntry } from '@waybill/views';
import type * as Api from '../graphql.gen.js';
import { mapPage } from '../graphql/paging.js';
import { PARTS, type Parts } from '../parts.js';
import { type EventAnswer, toEvent } from './mapping.js';
import { eventAt, streamPage } from './reading.js';

@Resolver('Event')
export class EventQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async events(@Args() args: Api.QueryEventsArgs): Promise<Page<EventAnswer>> {
    const { stream, correlationId, first, after } = args;
    const newestFirst = args.newestFirst ?? false;
    if (stream != null && correlationId != null) {
      throw new WaybillError('INVALID_INPUT', 'give either stream or correlationId', {
        fields: [{ field: 'correlationId', message: 'give either stream or correlationId' }],
      });
    }
    if (stream != null) {
      return mapPage(await streamPage(this.parts.store, stream, { first, after, newestFirst }), toEvent);
    }
    const { timeline } = this.parts.views;
    const request = { first, after, newestFirst };
    return this.withEvents(
      correlationId == null ? await timeline.list(request) : await timeline.byCorrelation(correlationId, request),
    );
  }

  private async withEvents(page: Page<TimelineEntry>): Promise<Page<EventAnswer>> {
    const events = await Promise.all(page.nodes.map((entry) => eventAt(this.parts.store, entry)));
    const byPosition = new Map(events.map((event) => [event.position, toEvent(event)]));
    return mapPage(page, ({ position }) => byPosition.get(position)!);
  }
}
