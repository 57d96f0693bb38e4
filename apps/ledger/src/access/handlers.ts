import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type AccessCommand, type AccessState, accessDecider, accessInputs, accessStreamOf } from '@waybill/domain';
import { type CommandResult, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';

export class AccessRequest extends BusCommand<CommandResult<AccessState>> {
  constructor(readonly command: WithoutContext<AccessCommand>) {
    super();
  }
}

@CommandHandler(AccessRequest)
export class AccessHandlers implements ICommandHandler<AccessRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: AccessRequest): Promise<CommandResult<AccessState>> {
    const command: AccessCommand = { ...checkInput(accessInputs, request.command), context: undefined };
    return handleCommand(this.parts, accessDecider, accessStreamOf(command.data.principal), command);
  }
}
