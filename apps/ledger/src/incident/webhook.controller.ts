import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { IncidentSource } from '@waybill/domain';
import { WaybillError, isWaybillError, parseInput } from '@waybill/kernel';
import type { Request, Response } from 'express';
import type { Asker } from '../access/asker.js';
import { authenticate } from '../access/authenticate.js';
import { RECORDERS, forbid, holdsOneOf } from '../access/permissions.js';
import { sendError } from '../http/send-error.js';
import { PARTS, type Parts } from '../parts.js';
import { AlertmanagerMessage, toldByAlertmanager } from './alertmanager.js';
import { CdIncident, cdEventIn, toldByCdEvent } from './cdevents.js';
import { GenericMessage, toldPlainly } from './generic.js';
import { requireProject } from './project.js';
import { environmentFrom, incidentIdOf, recorder, stateOf } from './recording.js';
import type { Told } from './told.js';

interface Outcome {
  readonly key: string;
  readonly incident: string | null;
  /** Null when all is well. */
  readonly problem: string | null;
}

/** Incidents from outside, each under a bearer token that may record them. Told again, nothing is written twice. */
@Controller('incidents')
export class IncidentWebhookController {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  @Post()
  generic(@Req() request: Request, @Body() body: unknown, @Res() response: Response): Promise<void> {
    return this.answer(request, response, async (asker) => {
      const told = toldPlainly(parseInput(GenericMessage, body, 'the request'));
      return { incident: await this.record(asker, told, 'webhook') };
    });
  }

  /**
   * Alertmanager sends many alerts together and sends all of them again when one is refused: those that cannot be taken
   * are named in the answer and in the log, and keep no other from being recorded.
   */
  @Post('alertmanager')
  alertmanager(@Req() request: Request, @Body() body: unknown, @Res() response: Response): Promise<void> {
    return this.answer(request, response, async (asker) => {
      const alerts: Outcome[] = [];
      for (const told of toldByAlertmanager(parseInput(AlertmanagerMessage, body, 'the request'))) {
        alerts.push(await this.outcomeOf(asker, told));
      }
      const refused = alerts.flatMap(({ key, problem }) => (problem === null ? [] : `${key}: ${problem}`));
      if (refused.length > 0) this.parts.log.warn(`alerts that were not recorded: ${refused.join('; ')}`);
      return { alerts };
    });
  }

  @Post('cdevents')
  cdevents(@Req() request: Request, @Body() body: unknown, @Res() response: Response): Promise<void> {
    return this.answer(request, response, async (asker) => {
      const told = toldByCdEvent(parseInput(CdIncident, cdEventIn(body), 'the event'));
      return { incident: await this.record(asker, told, 'cdevents') };
    });
  }

  private async outcomeOf(asker: Asker, told: Told): Promise<Outcome> {
    try {
      return { key: told.key, incident: await this.record(asker, told, 'alertmanager'), problem: null };
    } catch (error) {
      // A store that cannot be reached is for the sender to try again.
      if (!isWaybillError(error) || error.code === 'STORE_UNAVAILABLE') throw error;
      return { key: told.key, incident: null, problem: error.message };
    }
  }

  /** Opens it unless that was told before, then ends it when it is over. Gives its id. */
  private async record(asker: Asker, told: Told, via: IncidentSource['via']): Promise<string> {
    if (told.project === null) throw noProject();
    const project = await requireProject(this.parts, told.project);
    if (!holdsOneOf(asker, RECORDERS, project)) forbid('recording an incident', RECORDERS, project);
    const source = { via, key: told.key, url: told.url };
    const incident = incidentIdOf(project, source)!;
    const record = recorder(this.parts, this.bus, asker);
    const known = await stateOf(this.parts, incident);
    if (!known) {
      const openedAt = told.openedAt ?? told.resolvedAt!;
      const environment = environmentFrom(told.environment);
      const { severity, summary, cause } = told;
      await record.open(incident, { project, environment, openedAt, severity, summary, source, cause });
    } else if (told.cause !== null && known.cause === null) await record.nameCause(incident, told.cause);
    if (told.resolvedAt !== null && (known?.resolvedAt ?? null) === null) {
      await record.resolve(incident, told.resolvedAt, told.fixedBy);
    }
    return incident;
  }

  private async answer(
    request: Request,
    response: Response,
    work: (asker: Asker) => Promise<Record<string, unknown>>,
  ): Promise<void> {
    try {
      const asker = await authenticate(this.parts, request.headers);
      if (!holdsOneOf(asker, RECORDERS, null)) forbid('recording an incident', RECORDERS, null);
      response.status(200).json(await work(asker));
    } catch (error) {
      sendError(response, error, (id) => this.parts.log.error(`an HTTP request failed (${id})`, error));
    }
  }
}

const noProject = (): WaybillError =>
  new WaybillError('INVALID_INPUT', 'project: of which project is it?', {
    hint: 'Give project or environment (<project>.<slot>@<location>).',
    fields: [{ field: 'project', message: 'is missing' }],
  });
