import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type ReleaseCommand,
  type ReleaseState,
  releaseDecider,
  releaseInputs,
  releaseStreamOf,
} from '@waybill/domain';
import { type CommandResult, assertNever, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';
import { approversOf, evaluationContext, requestContext } from './context.js';

export class ReleaseRequest extends BusCommand<CommandResult<ReleaseState>> {
  constructor(readonly command: WithoutContext<ReleaseCommand>) {
    super();
  }
}

@CommandHandler(ReleaseRequest)
export class ReleaseHandlers implements ICommandHandler<ReleaseRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: ReleaseRequest): Promise<CommandResult<ReleaseState>> {
    const command = await this.inContext(checkInput(releaseInputs, request.command));
    return handleCommand(this.parts, releaseDecider, releaseStreamOf(command.data.release), command);
  }

  private async inContext(command: WithoutContext<ReleaseCommand>): Promise<ReleaseCommand> {
    switch (command.type) {
      case 'RequestRelease':
        return { ...command, context: await requestContext(this.parts, command.data) };
      case 'ProvideDeliverable':
      case 'RecordConfigResolved':
      case 'RecordConfigUnresolved':
      case 'EvaluateRelease':
      case 'ApproveRelease':
        return {
          ...command,
          context: await evaluationContext(this.parts, command.data.release, command.metadata.now),
        };
      case 'RefuseRelease':
        return { ...command, context: { approvers: await approversOf(this.parts, command.data.release) } };
      case 'CancelRelease':
      case 'ConcludeLocation':
        return { ...command, context: undefined };
      default:
        return assertNever(command);
    }
  }
}
