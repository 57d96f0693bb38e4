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
import { resourcesInForce } from './resources.js';

export class LocationRequest extends BusCommand<CommandResult<LocationState>> {
  constructor(readonly command: WithoutContext<LocationCommand>) {
    super();
  }
}

@CommandHandler(LocationRequest)
export class LocationHandlers implements ICommandHandler<LocationRequest> {
  /**
   * Keys of resources are unique across locations, which no single stream can guard: onboarding waits for the one
   * before, so that it sees what that one wrote.
   */
  private onboarding: Promise<unknown> = Promise.resolve();

  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: LocationRequest): Promise<CommandResult<LocationState>> {
    const command = checkInput(locationInputs, request.command);
    if (command.type !== 'OnboardResource') return this.handle({ ...command, context: undefined });
    const turn = this.onboarding.then(async () => {
      const { resource, location } = command.data;
      const known = (await resourcesInForce(this.parts)).find(
        (other) => other.resource === resource && other.location !== location,
      );
      return this.handle({ ...command, context: { elsewhere: known?.location ?? null } });
    });
    this.onboarding = turn.catch(() => undefined);
    return turn;
  }

  private handle(command: LocationCommand): Promise<CommandResult<LocationState>> {
    return handleCommand(this.parts, locationDecider, locationStreamOf(command.data.location), command);
  }
}
