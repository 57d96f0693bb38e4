import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

/**
 * Errors of resolvers go on to Apollo, whose `formatError` maps and logs them once; Nest would log each of them with
 * its stack, the caller's mistakes included. Errors of plain HTTP paths stay with Nest.
 */
@Catch()
export class PassOn extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() === 'graphql') return exception;
    return super.catch(exception, host);
  }
}
