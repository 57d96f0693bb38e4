import {
  Server,
  ServerCredentials,
  status,
  type Metadata,
  type ServiceError,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import { UUID, type Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { answerAppend, type AppendCall } from './appending.js';
import { createFaults, type Fault } from './faults.js';
import { accessDenied, failure, notLeader, unavailable } from './messages.js';
import { answerRead, type ReadCall } from './reading.js';
import { createServerLog, type ServerLog } from './server-log.js';
import { answerSubscription } from './subscribing.js';

export interface DoubleOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Of another double: both are then nodes of one cluster. */
  readonly log?: ServerLog;
  /** PEM. Default: no TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string };
  /** Calls without them are refused. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Told of each call when it arrives. */
  readonly onCall?: (method: Method) => void;
}

export type Method = 'append' | 'read' | 'subscribe' | 'gossip';

export interface EventStoreDbDouble {
  readonly host: string;
  readonly port: number;
  /** Connection string, without credentials. */
  readonly url: string;
  readonly log: ServerLog;
  inject(fault: Fault): void;
  /** How often each method was called. */
  readonly calls: Readonly<Record<Method, number>>;
  /** Breaks every connection. */
  stop(): void;
}

/**
 * An EventStoreDB that forgets, for tests: real gRPC over the client's own generated messages, with the server's
 * semantics for what Waybill uses (appends with no stream and exact revisions, reads, subscriptions to `$all`, gossip),
 * and faults on demand.
 */
export async function startEventStoreDbDouble({
  port = 0,
  log = createServerLog(),
  tls,
  credentials,
  onCall,
}: DoubleOptions = {}): Promise<EventStoreDbDouble> {
  const host = '127.0.0.1';
  const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  const faults = createFaults();
  const calls = { append: 0, read: 0, subscribe: 0, gossip: 0 };

  /** What happens to every call before it is handled. */
  const admit = async (method: Method, metadata: Metadata): Promise<void> => {
    calls[method] += 1;
    onCall?.(method);
    if (faults.delay > 0) await new Promise((resolve) => setTimeout(resolve, faults.delay));
    if (faults.unavailable) throw unavailable();
    if (credentials) {
      const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
      if (metadata.get('authorization')[0] !== `Basic ${basic}`) throw accessDenied();
    }
    if (faults.leader && metadata.get('requires-leader')[0] === 'true') throw notLeader(faults.leader);
  };

  server.addService(StreamsService, {
    append(call: AppendCall, callback: sendUnaryData<AppendResp>) {
      admit('append', call.metadata)
        .then(() => answerAppend(call, log, faults))
        .then(
          (answer) => answer && callback(null, answer),
          (error: unknown) => callback(asServiceError(error)),
        );
    },
    read(call: ReadCall) {
      const subscription = call.request.getOptions()?.hasSubscription() === true;
      // A client that went away is no error of ours.
      call.on('error', () => undefined);
      admit(subscription ? 'subscribe' : 'read', call.metadata)
        .then(() => (subscription ? answerSubscription(call, log, faults) : answerRead(call, log)))
        .catch((error: unknown) => call.emit('error', asServiceError(error)));
    },
  });
  server.addService(GossipService, {
    read(call: ServerUnaryCall<Empty, ClusterInfo>, callback: sendUnaryData<ClusterInfo>) {
      admit('gossip', call.metadata).then(
        () => callback(null, clusterOf(faults.leader, { host, port: bound })),
        (error: unknown) => callback(asServiceError(error)),
      );
    },
  });

  const serverCredentials = tls
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) },
      ])
    : ServerCredentials.createInsecure();
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, serverCredentials, (error, at) => (error ? reject(error) : resolve(at)));
  });

  return {
    host,
    port: bound,
    url: `esdb://${host}:${bound}?tls=${tls ? 'true' : 'false'}`,
    log,
    inject: (fault) => faults.inject(fault),
    calls,
    stop: () => server.forceShutdown(),
  };
}

type Node = { readonly host: string; readonly port: number };

function clusterOf(leader: Node | null, self: Node): ClusterInfo {
  const member = ({ host, port }: Node, state: MemberInfo.VNodeState): MemberInfo =>
    new MemberInfo()
      .setInstanceId(new UUID().setString(crypto.randomUUID()))
      .setTimeStamp('0')
      .setState(state)
      .setIsAlive(true)
      .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
  const { LEADER, FOLLOWER } = MemberInfo.VNodeState;
  return new ClusterInfo().setMembersList(
    leader ? [member(leader, LEADER), member(self, FOLLOWER)] : [member(self, LEADER)],
  );
}

function asServiceError(error: unknown): ServiceError {
  if (error instanceof Error && 'code' in error && 'metadata' in error) return error as ServiceError;
  return failure(status.UNKNOWN, String(error));
}
