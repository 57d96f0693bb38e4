import type { CommandBus } from '@nestjs/cqrs';
import {
  type EnvironmentCommand,
  type LocationCommand,
  type ReleaseCommand,
  environmentInputs,
  locationInputs,
  releaseInputs,
} from '@waybill/domain';
import type { OutgoingReports, Send } from '@waybill/policies';
import type { WithoutContext } from './command-types.js';
import { DeploymentRequest, EnvironmentRequest } from './environment/handlers.js';
import { LocationRequest } from './location/handlers.js';
import { ReleaseRequest } from './release/handlers.js';

type Sent = Exclude<Parameters<Send>[0], OutgoingReports>;

/** The policies' way into the command bus: each command goes to the handlers of its stream. */
export function sendThrough(bus: CommandBus): Send {
  return async (command) => {
    if (isReports(command)) return bus.execute(new DeploymentRequest(command));
    if (isOneOf<WithoutContext<ReleaseCommand>>(releaseInputs, command))
      return bus.execute(new ReleaseRequest(command));
    if (isOneOf<WithoutContext<EnvironmentCommand>>(environmentInputs, command)) {
      return bus.execute(new EnvironmentRequest(command));
    }
    if (isOneOf<WithoutContext<LocationCommand>>(locationInputs, command)) {
      return bus.execute(new LocationRequest(command));
    }
    throw new Error(`no handler takes the command ${JSON.stringify(command)}`);
  };
}

const isReports = (sent: Parameters<Send>[0]): sent is OutgoingReports => Array.isArray(sent);

function isOneOf<C extends Sent>(inputs: Readonly<Record<C['type'], unknown>>, command: Sent): command is C {
  return Object.hasOwn(inputs, command.type);
}
