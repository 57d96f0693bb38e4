import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type DeploymentCommand,
  type DeploymentState,
  type EnvironmentCommand,
  type EnvironmentState,
  deploymentDecider,
  deploymentInputs,
  deploymentStreamOf,
  environmentDecider,
  environmentInputs,
  environmentStreamOf,
} from '@waybill/domain';
import { type CommandResult, handleCommand, handleCommands } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';
import { rolloutContext } from './context.js';

export class EnvironmentRequest extends BusCommand<CommandResult<EnvironmentState>> {
  constructor(readonly command: WithoutContext<EnvironmentCommand>) {
    super();
  }
}

@CommandHandler(EnvironmentRequest)
export class EnvironmentHandlers implements ICommandHandler<EnvironmentRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: EnvironmentRequest): Promise<CommandResult<EnvironmentState>> {
    const command = await this.inContext(checkInput(environmentInputs, request.command));
    return handleCommand(this.parts, environmentDecider, environmentStreamOf(command.data.environment), command);
  }

  private async inContext(command: WithoutContext<EnvironmentCommand>): Promise<EnvironmentCommand> {
    if (command.type !== 'DirectRollout') return { ...command, context: undefined };
    return { ...command, context: await rolloutContext(this.parts, command.data) };
  }
}

/** Reports of one deployment, recorded in one append. */
export class DeploymentRequest extends BusCommand<CommandResult<DeploymentState>> {
  constructor(readonly reports: readonly WithoutContext<DeploymentCommand>[]) {
    super();
  }
}

@CommandHandler(DeploymentRequest)
export class DeploymentHandlers implements ICommandHandler<DeploymentRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: DeploymentRequest): Promise<CommandResult<DeploymentState>> {
    const commands = request.reports.map((report): DeploymentCommand => ({
      ...checkInput(deploymentInputs, report),
      context: undefined,
    }));
    const { environment, generation } = commands[0]!.data;
    return handleCommands(this.parts, deploymentDecider, deploymentStreamOf(environment, generation), commands);
  }
}
