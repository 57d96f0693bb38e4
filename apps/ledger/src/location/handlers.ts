import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type LocationCommand,
  type LocationState,
  locationDecider,
  locationInputs,
  locationStreamOf,
} from '@waybill/domain';
import { type CommandResult, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';
import { arrivingAt, migrationContext } from './migration/context.js';
import { resourcesInForce } from './resources.js';

export class LocationRequest extends BusCommand<CommandResult<LocationState>> {
  constructor(readonly command: WithoutContext<LocationCommand>) {
    super();
  }
}

@CommandHandler(LocationRequest)
export class LocationHandlers implements ICommandHandler<LocationRequest> {
  /**
   * Keys of resources are unique across locations, and a migration concerns two of them, which no single stream can
   * guard: each waits for the one before, so that it sees what that one wrote.
   */
  private before: Promise<unknown> = Promise.resolve();

  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: LocationRequest): Promise<CommandResult<LocationState>> {
    const command = checkInput(locationInputs, request.command);
    switch (command.type) {
      case 'OnboardResource':
        return this.inTurn(async () => {
          const { resource, location } = command.data;
          const known = (await resourcesInForce(this.parts)).find(
            (other) => other.resource === resource && other.location !== location,
          );
          return this.handle({ ...command, context: { elsewhere: known?.location ?? null } });
        });
      case 'StartMigration':
        return this.inTurn(async () =>
          this.handle({ ...command, context: await migrationContext(this.parts, command.data) }),
        );
      case 'RetireLocation':
        return this.inTurn(async () => {
          const arriving = await arrivingAt(this.parts, command.data.location);
          return this.handle({ ...command, context: { arriving } });
        });
      default:
        return this.handle({ ...command, context: undefined });
    }
  }

  private inTurn(work: () => Promise<CommandResult<LocationState>>): Promise<CommandResult<LocationState>> {
    const turn = this.before.then(work);
    this.before = turn.catch(() => undefined);
    return turn;
  }

  private handle(command: LocationCommand): Promise<CommandResult<LocationState>> {
    return handleCommand(this.parts, locationDecider, locationStreamOf(command.data.location), command);
  }
}
