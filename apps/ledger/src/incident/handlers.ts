import { Inject } from '@nestjs/common';
import { Command as BusCommand, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type IncidentCommand,
  type IncidentContext,
  type IncidentState,
  incidentDecider,
  incidentInputs,
  incidentStreamOf,
} from '@waybill/domain';
import { type CommandResult, handleCommand } from '@waybill/kernel';
import { type WithoutContext, checkInput } from '../command-types.js';
import { PARTS, type Parts } from '../parts.js';
import { loadRelease } from '../release/context.js';

export class IncidentRequest extends BusCommand<CommandResult<IncidentState>> {
  constructor(readonly command: WithoutContext<IncidentCommand>) {
    super();
  }
}

@CommandHandler(IncidentRequest)
export class IncidentHandlers implements ICommandHandler<IncidentRequest> {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async execute(request: IncidentRequest): Promise<CommandResult<IncidentState>> {
    const command = checkInput(incidentInputs, request.command);
    const context = await this.contextOf(command);
    const whole = { ...command, context } as IncidentCommand;
    return handleCommand(this.parts, incidentDecider, incidentStreamOf(command.data.incident), whole);
  }

  /** Of which projects the named releases are. */
  private async contextOf({ data }: WithoutContext<IncidentCommand>): Promise<IncidentContext> {
    const { cause, fixedBy } = data as { readonly cause?: string | null; readonly fixedBy?: string | null };
    const projects: Record<string, string> = {};
    for (const release of [cause, fixedBy]) {
      if (release == null) continue;
      const { state } = await loadRelease(this.parts, release);
      if (state.requested) projects[release] = state.requested.project;
    }
    return { projects };
  }
}
