import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WaybillError } from '@waybill/kernel';
import type { Send } from '@waybill/policies';
import type { NextFunction, Request, Response } from 'express';
import type { AddressInfo } from 'node:net';
import { AppModule } from '../app.module.js';
import { sendThrough } from '../commanding.js';
import { nestLogger } from '../log.js';
import type { Parts } from '../parts.js';

const BODY_LIMIT = '1mb';

/** Paths that metrics tell apart; whatever else is asked for counts as one. */
const PATHS = new Set([
  '/',
  '/graphql',
  '/healthz',
  '/readyz',
  '/metrics',
  '/login',
  '/key',
  '/checkpoint',
  '/export',
  '/export/statistics',
  '/prove',
  '/incidents',
  '/incidents/alertmanager',
  '/incidents/cdevents',
]);

/** The Nest application with its command bus; it does not listen yet. */
export async function createApplication(parts: Parts): Promise<{ app: NestExpressApplication; send: Send }> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.over(parts), {
    bodyParser: false,
    logger: nestLogger(parts.log),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.use(measure(parts));
  // CloudEvents in structured mode have a type of their own.
  app.useBodyParser('json', { limit: BODY_LIMIT, type: ['application/json', 'application/cloudevents+json'] });
  await app.init();
  return { app, send: sendThrough(app.get(CommandBus)) };
}

/** Starts to answer. Throws `CONFIGURATION` in one sentence when the address cannot be had. */
export async function listen(app: INestApplication, { configuration, address }: Parts): Promise<void> {
  const { host, port } = configuration.listen;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw cannotListen(error, host, port);
  }
  address.set((app.getHttpServer() as { address(): AddressInfo }).address());
}

function cannotListen(error: unknown, host: string, port: number): WaybillError {
  const { code, message } = error as NodeJS.ErrnoException;
  const at = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new WaybillError('CONFIGURATION', `port ${port} on ${host} is in use by another program`, {
        hint: 'Stop that program, or set WAYBILL_LISTEN to a free address such as 127.0.0.1:7071 (port 0 takes any).',
        cause: error,
      });
    case 'EACCES':
      return new WaybillError('CONFIGURATION', `this user may not listen on ${at}`, {
        hint: 'Set WAYBILL_LISTEN to a port above 1023.',
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new WaybillError('CONFIGURATION', `${host} is no address of this machine`, {
        hint: 'Set WAYBILL_LISTEN to one that is, such as 127.0.0.1:7070.',
        cause: error,
      });
    default:
      return new WaybillError('CONFIGURATION', `cannot listen on ${at}: ${message}`, { cause: error });
  }
}

function measure({ metrics }: Parts) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const started = performance.now();
    // Read now: a router strips from it what it was mounted at.
    const path = PATHS.has(request.path) ? request.path : 'other';
    response.on('finish', () => {
      metrics.request(request.method, path, response.statusCode, (performance.now() - started) / 1000);
    });
    next();
  };
}
