import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type EvaluationContext,
  type ReleaseCommand,
  type ReleaseState,
  releaseDecider,
  releaseInputs,
  releaseStreamOf,
} from '@waybill/domain';
import { type CommandMetadata, type CommandResult, assertNever, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';
import { approversOf, assertKindFits, evaluationContext, requestContext } from './context.js';

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
        await assertKindFits(this.parts, command);
        return { ...command, context: await requestContext(this.parts, command.data, command.metadata.now) };
      case 'ProvideDeliverable':
        await assertKindFits(this.parts, command);
        return this.evaluated(command);
      case 'RecordConfigResolved':
      case 'RecordConfigUnresolved':
      case 'EvaluateRelease':
      case 'ApproveRelease':
        return this.evaluated(command);
      case 'RefuseRelease':
        return { ...command, context: { approvers: await approversOf(this.parts, command.data.release) } };
      case 'CancelRelease':
      case 'ConcludeLocation':
      case 'RedirectLocation':
        return { ...command, context: undefined };
      default:
        return assertNever(command);
    }
  }

  private async evaluated<
    C extends { readonly data: { readonly release: string }; readonly metadata: CommandMetadata },
  >(command: C): Promise<C & { readonly context: EvaluationContext }> {
    const context = await evaluationContext(this.parts, command.data.release, command.metadata.now);
    return { ...command, context };
  }
}
