import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type LocationCommand, resourceKindOf } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import type { Page, ResourceRow } from '@waybill/views';
import { requireListed } from '../access/listed.js';
import { givenCommandId, metadataOf } from '../access/asker.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { momentOf } from '../history/moment.js';
import { PARTS, type Parts } from '../parts.js';
import { catchUpWithLog } from '../reading.js';
import { shown } from '../writing.js';
import { LocationRequest } from './handlers.js';
import { type LocationAnswer, toLocation, toResource } from './mapping.js';

type Given = { [C in LocationCommand as C['type']]: Pick<C, 'type' | 'data'> }[LocationCommand['type']];

@Resolver('Location')
export class LocationResolver {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Query()
  async location(@Args() { key: given, asOf }: Api.QueryLocationArgs): Promise<LocationAnswer | null> {
    const { locations, history } = this.parts.views;
    const key = given.trim().toLowerCase();
    const moment = await momentOf(this.parts, asOf);
    const row = await (moment ? history.locationAt(key, moment) : locations.get(key));
    return row ? toLocation(row) : null;
  }

  @Query()
  async locations(@Args() { asOf, ...request }: Api.QueryLocationsArgs): Promise<Page<LocationAnswer>> {
    const { locations, history } = this.parts.views;
    const moment = await momentOf(this.parts, asOf);
    return mapPage(await (moment ? history.locationsAt(moment, request) : locations.list(request)), toLocation);
  }

  @Query()
  async resources(@Args() { asOf, ...request }: Api.QueryResourcesArgs): Promise<Page<Api.Resource>> {
    const { locations, history } = this.parts.views;
    await requireListed(this.parts, { location: request.location });
    const moment = await momentOf(this.parts, asOf);
    return mapPage(await (moment ? history.resourcesAt(moment, request) : locations.resources(request)), toResource);
  }

  @Mutation()
  onboardLocation(@Args('input') input: Api.LocationInput, @Context() context: GraphqlContext) {
    return this.change({ type: 'OnboardLocation', data: locationData(input) }, input.commandId, context);
  }

  @Mutation()
  changeLocation(@Args('input') input: Api.LocationInput, @Context() context: GraphqlContext) {
    return this.change({ type: 'ChangeLocation', data: locationData(input) }, input.commandId, context);
  }

  @Mutation()
  retireLocation(@Args('input') { key, commandId }: Api.RetireLocationInput, @Context() context: GraphqlContext) {
    return this.change({ type: 'RetireLocation', data: { location: key } }, commandId, context);
  }

  @Mutation()
  async onboardResource(@Args('input') input: Api.ResourceInput, @Context() context: GraphqlContext) {
    const { key, location, parameters, connection } = input;
    const data = {
      location,
      resource: key,
      // The handler parses all of it; a key without a kind in front is refused there.
      kind: (input.kind ?? resourceKindOf(key)) as never,
      parameters: (parameters ?? {}) as never,
      connection: connection ?? null,
    };
    return this.change({ type: 'OnboardResource', data }, input.commandId, context);
  }

  /** What is left out stays as it is. */
  @Mutation()
  async changeResource(@Args('input') input: Api.ResourceInput, @Context() context: GraphqlContext) {
    const { key, location, kind, parameters, connection } = input;
    const known = await this.requireResource(key);
    const data = {
      location,
      resource: key,
      kind: (kind ?? known.kind) as never,
      parameters: (parameters ?? known.parameters) as never,
      connection: connection === undefined ? known.connection : connection,
    };
    return this.change({ type: 'ChangeResource', data }, input.commandId, context);
  }

  @Mutation()
  async retireResource(@Args('input') { key, commandId }: Api.RetireResourceInput, @Context() context: GraphqlContext) {
    const { location } = await this.requireResource(key);
    return this.change({ type: 'RetireResource', data: { location, resource: key } }, commandId, context);
  }

  private async change(
    given: Given,
    commandId: string | null | undefined,
    { asker }: GraphqlContext,
  ): Promise<Omit<Api.LocationPayload, 'location'> & { location: LocationAnswer }> {
    const metadata = metadataOf(asker, '*', this.parts.now(), givenCommandId(commandId));
    const result = await this.bus.execute(new LocationRequest({ ...given, metadata }));
    const position = await shown(this.parts, result);
    const row = await this.parts.views.locations.get(given.data.location.trim().toLowerCase());
    if (!row) throw new Error(`location ${given.data.location} is not in the views`);
    return { location: toLocation(row), position };
  }

  private async requireResource(key: string): Promise<ResourceRow> {
    await catchUpWithLog(this.parts);
    const row = await this.parts.views.locations.resource(key.trim().toLowerCase());
    if (row) return row;
    throw new WaybillError('NOT_FOUND', `no resource is called ${key}`, {
      hint: 'waybill resource list shows what there is.',
    });
  }
}

// The handler parses the delivery; until then it is what the caller gave.
const locationData = ({ key, delivery }: Api.LocationInput) => ({ location: key, delivery: delivery as never });
