import { WaybillError } from '@waybill/kernel';
import { type Moment, type Page, type ReleaseFilter, type ReleaseRow, foldedRelease } from '@waybill/views';
import type { GraphqlContext } from '../graphql/context.js';
import type { Parts } from '../parts.js';
import { isUpTo } from './moment.js';

type Loaders = Pick<GraphqlContext, 'streams'>;

/** A release as its stream told it then: null before it was asked for. */
export async function releaseAt({ streams }: Loaders, id: string, moment: Moment): Promise<ReleaseRow | null> {
  const events = await streams.load(`release-${id}`);
  return foldedRelease(events.filter((event) => isUpTo(moment, event))) ?? null;
}

/** Releases that had been asked for, each as it was; newest first. Throws `INVALID_INPUT` for a filter by state. */
export async function releasesAt(
  { views }: Pick<Parts, 'views'>,
  loaders: Loaders,
  moment: Moment,
  { filter, ...request }: NonNullable<Parameters<Parts['views']['releases']['list']>[0]>,
): Promise<Page<ReleaseRow>> {
  if (filter?.states && filter.states.length > 0) {
    const message = 'states cannot be filtered by as of an earlier moment';
    throw new WaybillError('INVALID_INPUT', `filter.states: ${message}`, {
      hint: 'Ask for all of them: each tells the state it was in.',
      fields: [{ field: 'filter.states', message }],
    });
  }
  const upTo = moment.by === 'recorded' ? moment.position : await views.history.positionAt(moment.instant);
  const wanted: ReleaseFilter = { ...filter, upTo };
  const page = await views.releases.list({ ...request, filter: wanted });
  const then = await Promise.all(page.nodes.map(({ id }) => releaseAt(loaders, id, moment)));
  const edges = page.edges.flatMap(({ cursor }, index) => {
    const node = then[index];
    return node ? [{ cursor, node }] : [];
  });
  return { ...page, edges, nodes: edges.map(({ node }) => node) };
}
