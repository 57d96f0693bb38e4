import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const VERSION = 1;

/**
 * Gives every partition to the member that joined first, so that a second operator of a location waits as a standby:
 * kafkajs's own assigner goes by random member ids, and would hand a location over to whoever comes later.
 */
export function oldestFirst(since: number): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'waybill-oldest-first',
    version: VERSION,
    assign({ members, topics }) {
      const oldest = members
        .map(({ memberId, memberMetadata }) => ({ memberId, since: sinceOf(memberMetadata) }))
        .reduce((first, next) => (isBefore(next, first) ? next : first));
      const assignment = Object.fromEntries(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      return Promise.resolve(
        members.map(({ memberId }) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: memberId === oldest.memberId ? assignment : {},
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
    protocol: ({ topics }) => ({
      name: 'waybill-oldest-first',
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(String(since)),
      }),
    }),
  });
}

interface Member {
  readonly memberId: string;
  readonly since: number;
}

const isBefore = (a: Member, b: Member): boolean =>
  a.since < b.since || (a.since === b.since && a.memberId < b.memberId);

function sinceOf(metadata: Buffer): number {
  const since = Number(AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString());
  return Number.isFinite(since) ? since : Infinity;
}
