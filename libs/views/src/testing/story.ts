import { handleCommand, derivedId, type Actor, type Command, type Decider, type Event } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import {
  accessDecider,
  accessStreamOf,
  catalogue,
  deploymentDecider,
  deploymentStreamOf,
  environmentDecider,
  environmentStreamOf,
  locationDecider,
  locationStreamOf,
  presetRules,
  projectDecider,
  projectStreamOf,
  releaseDecider,
  releaseStreamOf,
  type AccessCommand,
  type BranchRule,
  type EnvironmentCommand,
  type EnvironmentId,
  type EvaluationContext,
  type Observation,
  type ProjectCommand,
  type Ref,
  type ReleaseCommand,
  type RequestContext,
} from '@waybill/domain';

const ADMIN: Actor = { kind: 'person', id: 'p-admin0001', roles: ['admin'] };
const POLICY: Actor = { kind: 'policy', id: 'spec', roles: [] };
export const APPROVER = 'p-approver1';

export const IMAGE = {
  kind: 'image',
  image: 'registry.example/a',
  digest: `sha256:${'1'.repeat(64)}`,
} as const;

export const hex = (digit: string, length = 40): string => digit.repeat(length);

export const releaseId = (number: number): string => derivedId('release', String(number));

/** A ledger in memory that is told by the real deciders: events as the product writes them. */
export function createStory() {
  let seconds = 0;
  const now = (): string => new Date(Date.UTC(2026, 0, 5, 12) + seconds * 1000).toISOString();
  const store = createMemoryEventStore({
    clock: () => {
      seconds += 1;
      return now();
    },
  });
  let commands = 0;
  let reports = 0;
  const orders = new Map<string, number>();
  const correlations = new Map<string, string>();

  async function tell<State, C extends Command, E extends Event>(
    decider: Decider<State, C, E>,
    stream: string,
    command: Pick<C, 'type' | 'data' | 'context'>,
    actor: Actor,
    correlation?: string,
  ) {
    commands += 1;
    const commandId = derivedId('spec', String(commands));
    const metadata = {
      commandId,
      actor,
      now: now(),
      correlationId: correlation ?? commandId,
      causationId: commandId,
    };
    return handleCommand({ store, catalogue }, decider, stream, { ...command, metadata } as C);
  }

  const onProject = (command: Pick<ProjectCommand, 'type' | 'data' | 'context'>) =>
    tell(projectDecider, projectStreamOf(command.data.project), command as ProjectCommand, ADMIN);

  const onRelease = (command: Pick<ReleaseCommand, 'type' | 'data' | 'context'>, actor: Actor = POLICY) =>
    tell(
      releaseDecider,
      releaseStreamOf(command.data.release),
      command as ReleaseCommand,
      actor,
      correlations.get(command.data.release),
    );

  const onEnvironment = (command: Pick<EnvironmentCommand, 'type' | 'data' | 'context'>) =>
    tell(environmentDecider, environmentStreamOf(command.data.environment), command as EnvironmentCommand, POLICY);

  const onAccess = (command: Pick<AccessCommand, 'type' | 'data' | 'context'>) =>
    tell(accessDecider, accessStreamOf(command.data.principal), command as AccessCommand, ADMIN);

  return {
    store,

    project: (project: string, name = `project ${project.toUpperCase()}`) =>
      onProject({ type: 'RegisterProject', data: { project, name }, context: undefined }),

    developer: (project: string) =>
      onProject({
        type: 'SubmitDeveloperMetadata',
        data: {
          project,
          metadata: {
            sourceRepository: 'https://git.example/a.git',
            deliverable: { kind: 'image', repository: 'registry.example/a' },
            ports: [{ name: 'http', port: 8080, protocol: 'http' }],
            healthChecks: {},
            config: { repository: 'https://git.example/config.git', branch: 'main' },
          },
        },
        context: undefined,
      }),

    business: (project: string) =>
      onProject({
        type: 'SubmitBusinessMetadata',
        data: {
          project,
          metadata: {
            owner: 'p-owner0001',
            productLine: 'shop',
            domains: [],
            trafficPolicy: {},
            approvers: [APPROVER],
            notify: [],
          },
        },
        context: undefined,
      }),

    devops: (project: string) =>
      onProject({
        type: 'SubmitDevopsMetadata',
        data: { project, metadata: { quotas: { maxReplicas: 3 }, resources: {}, strategies: {} } },
        context: undefined,
      }),

    rules: (project: string, rules: BranchRule[] = [...presetRules('gitflow')]) =>
      onProject({
        type: 'DefineBranchRules',
        data: { project, preset: 'gitflow', rules },
        context: {
          resources: rules.flatMap((rule) =>
            rule.resources.map((resource) => ({
              resource,
              kind: resource.startsWith('istio') ? ('istio' as const) : ('kubernetes' as const),
              location: resource.slice(resource.indexOf('-') + 1),
            })),
          ),
        },
      }),

    deleteBranch: (project: string, branch: string) =>
      onProject({ type: 'DeleteBranch', data: { project, branch }, context: undefined }),

    location: (location: string) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        {
          type: 'OnboardLocation',
          data: {
            location,
            delivery: { kind: 'git', repository: `https://git.example/${location}.git`, branch: 'main' },
          },
          context: undefined,
        },
        ADMIN,
      ),

    changeLocation: (location: string, branch: string) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        {
          type: 'ChangeLocation',
          data: { location, delivery: { kind: 'git', repository: `https://git.example/${location}.git`, branch } },
          context: undefined,
        },
        ADMIN,
      ),

    retireLocation: (location: string) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        { type: 'RetireLocation', data: { location }, context: undefined },
        ADMIN,
      ),

    resource: (location: string, kind: 'kubernetes' | 'istio' = 'kubernetes', resource = `${kind}-${location}`) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        {
          type: 'OnboardResource',
          data: { location, resource, kind, parameters: { namespace: 'shop' }, connection: null },
          context: { elsewhere: null },
        },
        ADMIN,
      ),

    changeResource: (location: string, parameters: Record<string, string>) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        {
          type: 'ChangeResource',
          data: { location, resource: `kubernetes-${location}`, kind: 'kubernetes', parameters, connection: 'vault/x' },
          context: undefined,
        },
        ADMIN,
      ),

    retireResource: (location: string, resource = `kubernetes-${location}`) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        { type: 'RetireResource', data: { location, resource }, context: undefined },
        ADMIN,
      ),

    connect: (location: string, epoch: number) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        {
          type: 'RecordOperatorConnected',
          data: { location, epoch, software: 'waybill 0.1.0', capabilities: ['git'] },
          context: undefined,
        },
        POLICY_OPERATOR(location),
      ),

    silence: (location: string, epoch: number) =>
      tell(
        locationDecider,
        locationStreamOf(location),
        { type: 'RecordOperatorSilent', data: { location, epoch }, context: undefined },
        POLICY_OPERATOR(location),
      ),

    async request(
      release: string,
      project: string,
      ref: Ref,
      options: {
        rules?: readonly BranchRule[];
        commit?: string;
        deliverable?: typeof IMAGE | null;
        pipelineId?: string;
      } = {},
    ) {
      const { rules = presetRules('gitflow'), commit = hex('a'), deliverable = IMAGE, pipelineId = null } = options;
      const context: RequestContext = { rules, rulesRevision: rules.length > 0 ? 4 : null, reused: null };
      correlations.set(release, derivedId('correlation', release));
      const result = await onRelease(
        {
          type: 'RequestRelease',
          data: {
            release,
            project,
            ref,
            commit,
            deliverable,
            trigger: 'push',
            reuses: null,
            source: { via: 'cli', pipelineId, jobId: null, url: null, attributes: { build: '7' } },
          },
          context,
        },
        ADMIN,
      );
      orders.set(release, Number(result.events[0]!.position));
      return result;
    },

    provide: (release: string) =>
      onRelease({ type: 'ProvideDeliverable', data: { release, deliverable: IMAGE }, context: undefined }, ADMIN),

    config: (release: string, digest = hex('c')) =>
      onRelease({
        type: 'RecordConfigResolved',
        data: {
          release,
          config: {
            repository: 'https://git.example/config.git',
            directory: 'a/dev',
            fallback: false,
            commit: hex('b'),
            digest,
            contents: hex('d', 64),
            committedAt: null,
            author: null,
          },
        },
        context: undefined,
      }),

    configProblem: (release: string) =>
      onRelease({
        type: 'RecordConfigUnresolved',
        data: {
          release,
          repository: 'https://git.example/config.git',
          directory: 'a/dev',
          problem: 'invalid',
          file: 'a/dev/waybill.yaml',
          line: 3,
          message: 'replicas: not a number',
        },
        context: undefined,
      }),

    evaluate: (release: string, locations: readonly string[], context: Partial<EvaluationContext> = {}) =>
      onRelease({
        type: 'EvaluateRelease',
        data: { release },
        context: {
          missing: [],
          windowOpensAt: null,
          approvers: [APPROVER],
          metadataRevision: 3,
          resources: locations.flatMap((location) => [
            { resource: `kubernetes-${location}`, kind: 'kubernetes' as const, location },
            { resource: `istio-${location}`, kind: 'istio' as const, location },
          ]),
          ...context,
        },
      }),

    approve: (release: string) =>
      onRelease(
        { type: 'ApproveRelease', data: { release }, context: { approvers: [APPROVER] } },
        { kind: 'person', id: APPROVER, roles: [] },
      ),

    refuse: (release: string) =>
      onRelease(
        { type: 'RefuseRelease', data: { release, reason: null }, context: { approvers: [APPROVER] } },
        { kind: 'person', id: APPROVER, roles: [] },
      ),

    cancel: (release: string) =>
      onRelease(
        { type: 'CancelRelease', data: { release, cause: 'requested', reason: null }, context: undefined },
        ADMIN,
      ),

    conclude: (
      release: string,
      location: string,
      outcome: 'healthy' | 'delivered' | 'failed' | 'rejected' | 'superseded',
      message: string | null = null,
    ) =>
      onRelease({
        type: 'ConcludeLocation',
        data: { release, location, generation: outcome === 'superseded' ? null : 1, outcome, message },
        context: undefined,
      }),

    deploy: (release: string, environment: EnvironmentId, configDigest = hex('c')) =>
      onEnvironment({
        type: 'RequestDeployment',
        data: {
          environment,
          order: orders.get(release) ?? 0,
          release,
          ref: { kind: 'branch', name: environment.slot },
          commit: hex('a'),
          deliverable: IMAGE,
          tier: 'dev',
          configDigest,
          desired: hex('e', 64),
        },
        context: undefined,
      }),

    remove: async (environment: EnvironmentId) =>
      onEnvironment({
        type: 'RemoveEnvironment',
        data: { environment, order: Number((await store.lastPosition()) ?? 0) + 1, cause: 'requested' },
        context: undefined,
      }),

    confirmRemoval: (environment: EnvironmentId, generation: number) =>
      onEnvironment({ type: 'ConfirmRemoval', data: { environment, generation }, context: undefined }),

    noticeConfig: (environment: EnvironmentId, digest: string) =>
      onEnvironment({
        type: 'NoticeConfigChange',
        data: { environment, directory: 'a/dev', commit: hex('f'), digest, author: null },
        context: undefined,
      }),

    report: (environment: EnvironmentId, generation: number, release: string | null, observation: Observation) =>
      tell(
        deploymentDecider,
        deploymentStreamOf(environment, generation),
        {
          type: 'RecordReport',
          data: { environment, generation, release, epoch: 1, seq: (reports += 1), observation },
          context: undefined,
        },
        POLICY_OPERATOR(environment.location),
      ),

    grant: (principal: string, role: 'developer' | 'admin' | 'business', scope: string) =>
      onAccess({ type: 'GrantAccess', data: { principal, role, scope }, context: undefined }),

    revoke: (principal: string, role: 'developer' | 'admin' | 'business', scope: string) =>
      onAccess({ type: 'RevokeAccess', data: { principal, role, scope }, context: undefined }),

    token: (principal: string, token: string) =>
      onAccess({ type: 'CreateToken', data: { principal, token, expiresAt: null }, context: undefined }),

    revokeToken: (principal: string, token: string) =>
      onAccess({ type: 'RevokeToken', data: { principal, token }, context: undefined }),
  };
}

export type Story = ReturnType<typeof createStory>;

const POLICY_OPERATOR = (location: string): Actor => ({ kind: 'operator', id: location, roles: [] });
