import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type * as Api from '../graphql.gen.js';
import { PARTS, type Parts } from '../parts.js';

/** Records of the channel that nobody could take. */
@Resolver('DeadLetter')
export class DeadLetterResolver {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async deadLetters(): Promise<Api.DeadLetter[]> {
    return [...(await this.parts.channel.deadLetters())];
  }

  @Mutation()
  async retryDeadLetter(@Args('id') id: string): Promise<string> {
    await this.parts.channel.retryDeadLetter(id);
    return id;
  }
}
