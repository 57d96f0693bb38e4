import type { ServerReadableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Faults } from './faults.js';
import { appendedMessage, failure, nameOf, proposedOf, tooLarge, unavailable } from './messages.js';
import type { Proposed, ServerLog } from './server-log.js';

export type AppendCall = ServerReadableStream<AppendReq, AppendResp>;

/** Of one append; the default of servers up to 24.10. Bytes, counted as the server does. */
const MAX_APPEND_SIZE = 1024 * 1024;

/** Takes one append. Undefined: the caller shall never get an answer. */
export async function answerAppend(call: AppendCall, log: ServerLog, faults: Faults): Promise<AppendResp | undefined> {
  let stream = '';
  let expected: number | undefined;
  const proposed: Proposed[] = [];
  let size = 0;
  for await (const message of call as AsyncIterable<AppendReq>) {
    const options = message.getOptions();
    const event = message.getProposedMessage();
    if (options) {
      stream = nameOf(options.getStreamIdentifier());
      expected = options.hasNoStream() ? -1 : options.hasRevision() ? Number(options.getRevision()) : undefined;
    } else if (event) {
      const one = proposedOf(event);
      size += one.type.length * 2 + one.data.length + one.metadata.length;
      proposed.push(one);
    }
  }
  if (expected === undefined)
    throw failure(status.UNIMPLEMENTED, 'the double takes no stream and exact revisions only');
  if (size > MAX_APPEND_SIZE) throw tooLarge(MAX_APPEND_SIZE);
  await faults.holdsAppend(stream);
  if (faults.refusesAppend(stream)) throw unavailable();
  const appended = log.append(stream, expected, proposed);
  switch (faults.losesAcknowledgement(stream)) {
    case 'never':
      return undefined;
    case 'unavailable':
      throw unavailable('the connection broke');
    default:
      return appendedMessage(appended, expected);
  }
}
