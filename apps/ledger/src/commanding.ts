import type { CommandBus } from '@nestjs/cqrs';
import {
  type DeploymentCommand,
  type EnvironmentCommand,
  type LocationCommand,
  type ReleaseCommand,
  deploymentInputs,
  environmentInputs,
  locationInputs,
  releaseInputs,
} from '@waybill/domain';
import type { Send } from '@waybill/policies';
import type { WithoutContext } from './command-types.js';
import { DeploymentRequest, EnvironmentRequest } from './environment/handlers.js';
import { LocationRequest } from './location/handlers.js';
import { ReleaseRequest } from './release/handlers.js';

type Sent = Parameters<Send>[0];

/** The policies' way into the command bus: each command goes to the handlers of its stream. */
export function sendThrough(bus: CommandBus): Send {
  return async (command) => {
    if (isOneOf<WithoutContext<ReleaseCommand>>(releaseInputs, command))
      return bus.execute(new ReleaseRequest(command));
    if (isOneOf<WithoutContext<EnvironmentCommand>>(environmentInputs, command)) {
      return bus.execute(new EnvironmentRequest(command));
    }
    if (isOneOf<WithoutContext<DeploymentCommand>>(deploymentInputs, command)) {
      return bus.execute(new DeploymentRequest(command));
    }
    if (isOneOf<WithoutContext<LocationCommand>>(locationInputs, command)) {
      return bus.execute(new LocationRequest(command));
    }
    throw new Error(`no handler takes the command ${JSON.stringify(command)}`);
  };
}

function isOneOf<C extends Sent>(inputs: Readonly<Record<C['type'], unknown>>, command: Sent): command is C {
  return Object.hasOwn(inputs, command.type);
}
