import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type ProjectCommand,
  type ProjectState,
  projectDecider,
  projectInputs,
  projectStreamOf,
} from '@waybill/domain';
import { type CommandResult, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { resourcesInForce } from '../location/resources.js';
import { PARTS, type Parts } from '../parts.js';

export class ProjectRequest extends BusCommand<CommandResult<ProjectState>> {
  constructor(readonly command: WithoutContext<ProjectCommand>) {
    super();
  }
}

@CommandHandler(ProjectRequest)
export class ProjectHandlers implements ICommandHandler<ProjectRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: ProjectRequest): Promise<CommandResult<ProjectState>> {
    const command = await this.inContext(checkInput(projectInputs, request.command));
    return handleCommand(this.parts, projectDecider, projectStreamOf(command.data.project), command);
  }

  private async inContext(command: WithoutContext<ProjectCommand>): Promise<ProjectCommand> {
    if (command.type !== 'DefineBranchRules') return { ...command, context: undefined };
    const resources = await resourcesInForce(this.parts);
    const domains = await this.parts.views.projects.domains();
    const elsewhere = domains.filter(({ project }) => project !== command.data.project);
    return { ...command, context: { resources, elsewhere } };
  }
}
