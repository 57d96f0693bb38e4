import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type LocationCommand, locationInputs } from '@waybill/domain';
import { WaybillError, parseInput } from '@waybill/kernel';
import { type Asker, givenCommandId, metadataOf } from '../../access/asker.js';
import { mayRead } from '../../access/permissions.js';
import type * as Api from '../../graphql.gen.js';
import type { GraphqlContext } from '../../graphql/context.js';
import { PARTS, type Parts } from '../../parts.js';
import { shown } from '../../writing.js';
import { LocationRequest } from '../handlers.js';
import { toMigration } from './mapping.js';
import { planOf } from './plan.js';

type Asked = Extract<
  LocationCommand,
  { type: 'StartMigration' | 'StopMigration' | 'ResumeMigration' | 'RequestMigrationRemoval' | 'RevertMigration' }
>;
type Given = { [C in Asked as C['type']]: Pick<C, 'type' | 'data'> }[Asked['type']];

@Resolver('Location')
export class MigrationResolver {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Query('migration')
  migrationOf(@Args('location') key: string, @Context() { asker }: GraphqlContext): Promise<Api.Migration | null> {
    return this.read(key.trim().toLowerCase(), asker);
  }

  @ResolveField('migration')
  ofLocation(@Parent() { key }: Api.Location, @Context() { asker }: GraphqlContext): Promise<Api.Migration | null> {
    return this.read(key, asker);
  }

  @Query()
  migrationPlan(
    @Args('input') input: Api.MigrationPlanInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<Api.MigrationPlan> {
    const { location, to, map } = parseInput(locationInputs.StartMigration, started(input), 'migration plan');
    return planOf(this.parts, { location, to, map }, (project) => mayRead(asker, project));
  }

  @Mutation()
  migrateLocation(@Args('input') input: Api.MigrateLocationInput, @Context() context: GraphqlContext) {
    const { removal } = input;
    const data = { ...started(input), ...(removal ? { removal: removalOf(removal) } : {}) };
    // The handler parses the data; until then it is what the caller gave.
    return this.change({ type: 'StartMigration', data: data as never }, input.commandId, context);
  }

  @Mutation()
  stopMigration(@Args('input') { location, commandId }: Api.MigrationActionInput, @Context() context: GraphqlContext) {
    return this.change({ type: 'StopMigration', data: { location } }, commandId, context);
  }

  @Mutation()
  resumeMigration(
    @Args('input') { location, commandId }: Api.MigrationActionInput,
    @Context() context: GraphqlContext,
  ) {
    return this.change({ type: 'ResumeMigration', data: { location } }, commandId, context);
  }

  @Mutation()
  removeMigrated(@Args('input') { location, commandId }: Api.MigrationActionInput, @Context() context: GraphqlContext) {
    return this.change({ type: 'RequestMigrationRemoval', data: { location } }, commandId, context);
  }

  @Mutation()
  revertMigration(
    @Args('input') { location, commandId }: Api.MigrationActionInput,
    @Context() context: GraphqlContext,
  ) {
    return this.change({ type: 'RevertMigration', data: { location } }, commandId, context);
  }

  private async change(
    given: Given,
    commandId: string | null | undefined,
    { asker }: GraphqlContext,
  ): Promise<Api.MigrationPayload> {
    const metadata = metadataOf(asker, '*', this.parts.now(), givenCommandId(commandId));
    const result = await this.bus.execute(new LocationRequest({ ...given, metadata }));
    const position = await shown(this.parts, result);
    const { location } = given.data;
    const migration = await this.read(location.trim().toLowerCase(), asker);
    if (!migration) throw new WaybillError('NOT_FOUND', `location ${location} is not being migrated`);
    return { migration, position };
  }

  private async read(location: string, asker: Asker): Promise<Api.Migration | null> {
    const { locations, environments } = this.parts.views;
    const row = await locations.migration(location);
    if (!row) return null;
    const [left, there] = await Promise.all([environments.atLocation(location), environments.atLocation(row.to)]);
    return toMigration(
      row,
      left.filter(({ project }) => mayRead(asker, project)),
      there,
    );
  }
}

const started = ({ location, to, map }: Api.MigrationPlanInput) => ({
  location,
  to,
  map: Object.fromEntries((map ?? []).map((pair) => [pair.from, pair.to])),
});

const removalOf = ({ when, seconds }: Api.MigrationRemovalInput) =>
  seconds === null || seconds === undefined ? { when } : { when, seconds };
