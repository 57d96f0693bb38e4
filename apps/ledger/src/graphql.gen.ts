// Generated from schema.graphql by apps/ledger/generate.mjs. Do not edit.
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string };
  String: { input: string; output: string };
  Boolean: { input: boolean; output: boolean };
  Int: { input: number; output: number };
  Float: { input: number; output: number };
  /** An ISO 8601 instant in UTC. */
  DateTime: { input: string; output: string };
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown };
  /** A place in the ledger's global order: decimal digits, opaque but for their order. */
  Position: { input: string; output: string };
};

export type Query = {
  /** What this ledger is and how far its views have read. */
  readonly ledger: Ledger;
  /** Who asks, and what they may do. */
  readonly me: Principal;
  readonly project: Maybe<Project>;
  readonly projects: ProjectConnection;
  readonly location: Maybe<Location>;
  readonly locations: LocationConnection;
  readonly resources: ResourceConnection;
  /** The newest migration of a location to another one, and how far it is. */
  readonly migration: Maybe<Migration>;
  /** What a migration would do, and what is in its way; reads only. */
  readonly migrationPlan: MigrationPlan;
  /** A release by its id or an unambiguous prefix of eight characters or more. */
  readonly release: Maybe<Release>;
  /** Like `release`, but answers once it has come to its end, or after the time given (60 seconds at most) as it is then. */
  readonly settledRelease: Maybe<Release>;
  /** Newest first. */
  readonly releases: ReleaseConnection;
  /** An environment by its name, `<project>.<slot>@<location>`. */
  readonly environment: Maybe<Environment>;
  readonly environments: EnvironmentConnection;
  /** A deployment by its name, `<project>.<slot>@<location>.<generation>`. */
  readonly deployment: Maybe<Deployment>;
  /** Newest first. */
  readonly deployments: DeploymentConnection;
  /**
   * Releases and deployments by anything that belongs to them, newest first. `text`: whatever it may be, a commit, a
   * digest, a ref, an id, `key=value`; `by`: all of what is given must be met.
   */
  readonly search: SearchConnection;
  /** Events of a stream, or of everything one command led to; oldest first unless `newestFirst`. */
  readonly events: EventConnection;
  /** What each branch rule of a project says to a ref; reads only. */
  readonly testRules: RuleTest;
  /** Exactly what would be applied for a ref, by location; reads only. */
  readonly render: Rendering;
  /** Counts and durations of releases, deployments and drifts, by what they have in common. docs/statistics.md has each word. */
  readonly statistics: Statistics;
  /** DORA's metrics of production releases, by a named definition. docs/statistics.md has the definitions. */
  readonly dora: Dora;
  /** The definitions there are. */
  readonly doraDefinitions: ReadonlyArray<DoraDefinition>;
  readonly incident: Maybe<Incident>;
  /** Newest first. */
  readonly incidents: IncidentConnection;
  /** Why a release, environment, deployment or event is what it is, or what it led to: the chain of events, in words. */
  readonly why: Why;
  /** Why pushes of a project were not deployed, the newest first: no rule, held, refused, superseded, failed, never asked for. */
  readonly whyNot: ReadonlyArray<Push>;
  /**
   * What differs: between two deployments, two environments, one of them at two moments, two locations (by project and
   * slot), or the whole estate at two moments. Pairs that are the same deployment are left out.
   */
  readonly diff: Diff;
  /** People and services with their grants. Admins only. */
  readonly principals: PrincipalConnection;
  /** The running or last rebuild of the views. Admins only. */
  readonly rebuild: Maybe<Rebuild>;
  /** Records of the channel that nobody could take and that were not retried, the oldest first. */
  readonly deadLetters: ReadonlyArray<DeadLetter>;
};

export type QueryProjectArgs = {
  key: Scalars['String']['input'];
  asOf?: InputMaybe<AsOf>;
};

export type QueryProjectsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
  asOf?: InputMaybe<AsOf>;
};

export type QueryLocationArgs = {
  key: Scalars['String']['input'];
  asOf?: InputMaybe<AsOf>;
};

export type QueryLocationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  asOf?: InputMaybe<AsOf>;
};

export type QueryResourcesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  location?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<Scalars['String']['input']>;
  asOf?: InputMaybe<AsOf>;
};

export type QueryMigrationArgs = {
  location: Scalars['String']['input'];
};

export type QueryMigrationPlanArgs = {
  input: MigrationPlanInput;
};

export type QueryReleaseArgs = {
  id: Scalars['ID']['input'];
  asOf?: InputMaybe<AsOf>;
};

export type QuerySettledReleaseArgs = {
  id: Scalars['ID']['input'];
  timeoutSeconds?: InputMaybe<Scalars['Int']['input']>;
};

export type QueryReleasesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ReleaseFilter>;
  asOf?: InputMaybe<AsOf>;
};

export type QueryEnvironmentArgs = {
  name: Scalars['String']['input'];
  asOf?: InputMaybe<AsOf>;
};

export type QueryEnvironmentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EnvironmentFilter>;
  asOf?: InputMaybe<AsOf>;
};

export type QueryDeploymentArgs = {
  name: Scalars['String']['input'];
  asOf?: InputMaybe<AsOf>;
};

export type QueryDeploymentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DeploymentFilter>;
};

export type QuerySearchArgs = {
  text?: InputMaybe<Scalars['String']['input']>;
  by?: InputMaybe<SearchInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryEventsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  stream?: InputMaybe<Scalars['String']['input']>;
  correlationId?: InputMaybe<Scalars['String']['input']>;
  newestFirst?: InputMaybe<Scalars['Boolean']['input']>;
};

export type QueryTestRulesArgs = {
  project: Scalars['String']['input'];
  ref: RefInput;
};

export type QueryRenderArgs = {
  input: RenderInput;
};

export type QueryStatisticsArgs = {
  input: StatisticsInput;
};

export type QueryDoraArgs = {
  input?: InputMaybe<DoraInput>;
};

export type QueryIncidentArgs = {
  id: Scalars['ID']['input'];
};

export type QueryIncidentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<IncidentFilter>;
};

export type QueryWhyArgs = {
  subject: Scalars['String']['input'];
  direction?: InputMaybe<WhyDirection>;
};

export type QueryWhyNotArgs = {
  input: WhyNotInput;
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type QueryDiffArgs = {
  from: DiffSide;
  to: DiffSide;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryPrincipalsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A record that was put aside: from an operator, or for one. */
export type DeadLetter = {
  readonly id: Scalars['ID']['output'];
  /** When it was put aside. */
  readonly at: Scalars['DateTime']['output'];
  /** undecodable, invalid, newer-schema, wrong-location or wrong-key. */
  readonly reason: Scalars['String']['output'];
  /** What is wrong with it, in one sentence. */
  readonly message: Scalars['String']['output'];
  /** Where it was found. */
  readonly topic: Scalars['String']['output'];
  readonly partition: Scalars['Int']['output'];
  readonly offset: Scalars['String']['output'];
  readonly key: Maybe<Scalars['String']['output']>;
  /** The beginning of its value. */
  readonly value: Maybe<Scalars['String']['output']>;
  /** Length of the whole value. */
  readonly bytes: Scalars['Int']['output'];
};

export type Mutation = {
  readonly registerProject: ProjectPayload;
  readonly submitMetadata: ProjectPayload;
  readonly defineRules: ProjectPayload;
  readonly onboardLocation: LocationPayload;
  readonly changeLocation: LocationPayload;
  readonly retireLocation: LocationPayload;
  /** Brings every environment of a location to another one; no project is touched. */
  readonly migrateLocation: MigrationPayload;
  /** Nothing further is copied, counted there or removed until it is resumed. */
  readonly stopMigration: MigrationPayload;
  readonly resumeMigration: MigrationPayload;
  /** Old environments go as soon as their copies are healthy, whatever was said at the start. */
  readonly removeMigrated: MigrationPayload;
  /** Removes the copies; possible until the first old environment is removed. */
  readonly revertMigration: MigrationPayload;
  readonly onboardResource: LocationPayload;
  readonly changeResource: LocationPayload;
  readonly retireResource: LocationPayload;
  readonly requestRelease: ReleasePayload;
  readonly provideDeliverable: ReleasePayload;
  readonly approveRelease: ReleasePayload;
  readonly refuseRelease: ReleasePayload;
  readonly cancelRelease: ReleasePayload;
  /** Asks for a new release with the intent of an earlier one: its deliverable, configuration and metadata as they stood. */
  readonly rollback: ReleasePayload;
  /** A branch is gone: removes its environments everywhere. Deleting a tag removes nothing, so there is no call for it. */
  readonly deleteBranch: DeleteBranchPayload;
  readonly removeEnvironment: EnvironmentPayload;
  /** Has the rollout in steps of an environment's newest generation go on, stay as it is, or go back. */
  readonly directRollout: EnvironmentPayload;
  /** Something went wrong where users see it. */
  readonly openIncident: IncidentPayload;
  /** Names the release that caused an incident. */
  readonly nameIncidentCause: IncidentPayload;
  readonly resolveIncident: IncidentPayload;
  /** What was recorded was wrong: what is given holds from now on, and both numbers stay visible. */
  readonly correctIncident: IncidentPayload;
  /** Reads the config repositories now instead of at the next interval. */
  readonly checkConfig: CheckConfigPayload;
  readonly createToken: CreateTokenPayload;
  readonly revokeToken: PrincipalPayload;
  readonly grantRole: PrincipalPayload;
  readonly revokeRole: PrincipalPayload;
  /** Erases name, login, address and chat handle of a person; the log stays as it is and still verifies. */
  readonly erasePerson: PrincipalPayload;
  /** Replays the whole log into fresh views beside the live ones and swaps when caught up. */
  readonly rebuildViews: Rebuild;
  /** Puts a dead letter back where it was found, as it was. Gives its id. */
  readonly retryDeadLetter: Scalars['ID']['output'];
  /** A link that logs a browser in once, for a few minutes. */
  readonly createLoginLink: LoginLink;
};

export type MutationRegisterProjectArgs = {
  input: RegisterProjectInput;
};

export type MutationSubmitMetadataArgs = {
  input: SubmitMetadataInput;
};

export type MutationDefineRulesArgs = {
  input: DefineRulesInput;
};

export type MutationOnboardLocationArgs = {
  input: LocationInput;
};

export type MutationChangeLocationArgs = {
  input: LocationInput;
};

export type MutationRetireLocationArgs = {
  input: RetireLocationInput;
};

export type MutationMigrateLocationArgs = {
  input: MigrateLocationInput;
};

export type MutationStopMigrationArgs = {
  input: MigrationActionInput;
};

export type MutationResumeMigrationArgs = {
  input: MigrationActionInput;
};

export type MutationRemoveMigratedArgs = {
  input: MigrationActionInput;
};

export type MutationRevertMigrationArgs = {
  input: MigrationActionInput;
};

export type MutationOnboardResourceArgs = {
  input: ResourceInput;
};

export type MutationChangeResourceArgs = {
  input: ResourceInput;
};

export type MutationRetireResourceArgs = {
  input: RetireResourceInput;
};

export type MutationRequestReleaseArgs = {
  input: RequestReleaseInput;
};

export type MutationProvideDeliverableArgs = {
  input: ProvideDeliverableInput;
};

export type MutationApproveReleaseArgs = {
  input: ReleaseActionInput;
};

export type MutationRefuseReleaseArgs = {
  input: ReleaseActionInput;
};

export type MutationCancelReleaseArgs = {
  input: ReleaseActionInput;
};

export type MutationRollbackArgs = {
  input: RollbackInput;
};

export type MutationDeleteBranchArgs = {
  input: DeleteBranchInput;
};

export type MutationRemoveEnvironmentArgs = {
  input: RemoveEnvironmentInput;
};

export type MutationDirectRolloutArgs = {
  input: DirectRolloutInput;
};

export type MutationOpenIncidentArgs = {
  input: OpenIncidentInput;
};

export type MutationNameIncidentCauseArgs = {
  input: NameIncidentCauseInput;
};

export type MutationResolveIncidentArgs = {
  input: ResolveIncidentInput;
};

export type MutationCorrectIncidentArgs = {
  input: CorrectIncidentInput;
};

export type MutationCheckConfigArgs = {
  project: Scalars['String']['input'];
};

export type MutationCreateTokenArgs = {
  input: CreateTokenInput;
};

export type MutationRevokeTokenArgs = {
  id: Scalars['ID']['input'];
  commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type MutationGrantRoleArgs = {
  input: GrantInput;
};

export type MutationRevokeRoleArgs = {
  input: GrantInput;
};

export type MutationErasePersonArgs = {
  person: Scalars['String']['input'];
};

export type MutationRetryDeadLetterArgs = {
  id: Scalars['ID']['input'];
};

export type RefKind = 'branch' | 'tag';

export type Tier = 'dev' | 'feature' | 'release' | 'lt' | 'prod';

export type Role = 'admin' | 'developer' | 'business' | 'devops' | 'analyst' | 'adapter';

export type Section = 'developer' | 'business' | 'devops';

/**
 * A moment of the past: an instant, or a position of the log. What is reached from there is told as of then, too, but for
 * the rollout of an environment, which the events of its deployments tell.
 */
export type AsOf = {
  readonly instant?: InputMaybe<Scalars['DateTime']['input']>;
  readonly position?: InputMaybe<Scalars['Position']['input']>;
  readonly by?: InputMaybe<Clock>;
};

export type Clock =
  /** As the ledger said then: by what it had heard. */
  | 'recorded'
  /** As it was then, by all that is known today: what was reported late counts from when it happened. */
  | 'happened';

export type RefInput = {
  readonly kind?: InputMaybe<RefKind>;
  readonly name: Scalars['String']['input'];
};

export type PageInfo = {
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

export type Ledger = {
  readonly id: Scalars['ID']['output'];
  readonly version: Scalars['String']['output'];
  /** Newest event in the log. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** How far the views have read. */
  readonly viewPosition: Maybe<Scalars['Position']['output']>;
};

/** A person or a service. Name and login are null once erased, or when the asker may not see them. */
export type Principal = {
  readonly id: Scalars['ID']['output'];
  readonly kind: PrincipalKind;
  readonly name: Maybe<Scalars['String']['output']>;
  readonly login: Maybe<Scalars['String']['output']>;
  readonly grants: ReadonlyArray<Grant>;
  /** Newest first, revoked and expired ones too; told to admins and to whom they belong. */
  readonly tokens: ReadonlyArray<Token>;
};

/** That a token exists, never what it is made of. */
export type Token = {
  readonly id: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** Within ten minutes. */
  readonly lastUsedAt: Maybe<Scalars['DateTime']['output']>;
};

export type PrincipalKind = 'person' | 'service' | 'policy' | 'operator' | 'system';

export type Grant = {
  readonly role: Role;
  readonly scope: Scalars['String']['output'];
};

export type PrincipalConnection = {
  readonly nodes: ReadonlyArray<Principal>;
  readonly edges: ReadonlyArray<PrincipalEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type PrincipalEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Principal;
};

export type Project = {
  readonly key: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  readonly registeredAt: Scalars['DateTime']['output'];
  readonly developer: Maybe<Scalars['JSON']['output']>;
  readonly business: Maybe<Scalars['JSON']['output']>;
  readonly devops: Maybe<Scalars['JSON']['output']>;
  readonly owner: Maybe<Principal>;
  readonly rules: ReadonlyArray<BranchRule>;
  /** Revision of the project stream at which these rules were defined. */
  readonly rulesRevision: Maybe<Scalars['Int']['output']>;
  readonly preset: Maybe<Scalars['String']['output']>;
  /** What must still be given before a rule can deploy, and by which role. */
  readonly missing: ReadonlyArray<MissingMetadata>;
  readonly releases: ReleaseConnection;
  readonly environments: ReadonlyArray<Environment>;
};

export type ProjectReleasesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type ProjectConnection = {
  readonly nodes: ReadonlyArray<Project>;
  readonly edges: ReadonlyArray<ProjectEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ProjectEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Project;
};

export type MissingMetadata = {
  readonly section: Section;
  /** The role that must give it. */
  readonly role: Role;
  readonly field: Scalars['String']['output'];
  readonly rules: ReadonlyArray<Scalars['String']['output']>;
  readonly why: Scalars['String']['output'];
};

export type BranchRule = {
  readonly name: Scalars['String']['output'];
  readonly kind: RefKind;
  readonly pattern: Maybe<Scalars['String']['output']>;
  readonly resources: ReadonlyArray<Scalars['String']['output']>;
  readonly tier: Tier;
  readonly directory: Scalars['String']['output'];
  readonly strategy: Scalars['JSON']['output'];
  readonly approvals: Scalars['Int']['output'];
  readonly stages: ReadonlyArray<ReadonlyArray<Scalars['String']['output']>>;
  readonly onConfigChange: Scalars['String']['output'];
  readonly onFailure: Scalars['String']['output'];
};

export type RuleTest = {
  readonly ref: Scalars['String']['output'];
  readonly kind: RefKind;
  /** Name of the rule that matches, null when none does. */
  readonly matched: Maybe<Scalars['String']['output']>;
  readonly slot: Maybe<Scalars['String']['output']>;
  /** One entry a rule, in their order; rules behind the matching one are not asked. */
  readonly explanations: ReadonlyArray<RuleExplanation>;
};

export type RuleExplanation = {
  readonly rule: Scalars['String']['output'];
  readonly pattern: Maybe<Scalars['String']['output']>;
  readonly matches: Scalars['Boolean']['output'];
  readonly asked: Scalars['Boolean']['output'];
  readonly why: Scalars['String']['output'];
};

export type Location = {
  readonly key: Scalars['ID']['output'];
  readonly delivery: Scalars['JSON']['output'];
  readonly retired: Scalars['Boolean']['output'];
  readonly resources: ReadonlyArray<Resource>;
  readonly operator: Maybe<Operator>;
  /** The newest one to another location; null when there never was one. */
  readonly migration: Maybe<Migration>;
};

export type Operator = {
  readonly epoch: Scalars['Float']['output'];
  /** Name of its program. */
  readonly software: Scalars['String']['output'];
  readonly version: Maybe<Scalars['String']['output']>;
  readonly capabilities: ReadonlyArray<Scalars['String']['output']>;
  readonly connectedAt: Scalars['DateTime']['output'];
  /** Whether it was not heard of for longer than it should. */
  readonly silent: Scalars['Boolean']['output'];
  readonly silentSince: Maybe<Scalars['DateTime']['output']>;
};

/** Every environment of a location goes to another one. */
export type Migration = {
  readonly location: Scalars['String']['output'];
  /** 1 for the first one of this location. */
  readonly number: Scalars['Int']['output'];
  readonly to: Scalars['String']['output'];
  /** running, stopped, reverted or completed. */
  readonly state: Scalars['String']['output'];
  readonly resources: ReadonlyArray<MappedResource>;
  readonly removal: MigrationRemoval;
  /** Whether it can still be reverted: nothing was removed yet. */
  readonly revertible: Scalars['Boolean']['output'];
  readonly startedAt: Scalars['DateTime']['output'];
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  readonly environments: ReadonlyArray<MigratingEnvironment>;
};

export type MappedResource = {
  readonly from: Scalars['String']['output'];
  readonly to: Scalars['String']['output'];
  readonly kind: Scalars['String']['output'];
};

export type MigrationRemoval = {
  /** after-healthy, after or by-hand. */
  readonly when: Scalars['String']['output'];
  /** For `after`: so long after the copy began to count. */
  readonly seconds: Maybe<Scalars['Int']['output']>;
};

export type MigratingEnvironment = {
  readonly project: Scalars['String']['output'];
  readonly slot: Scalars['String']['output'];
  /** Name of the environment that is left. */
  readonly from: Scalars['String']['output'];
  /** Name of its copy. */
  readonly to: Scalars['String']['output'];
  /**
   * pending, deploying, waiting, failed, refused (it cannot be planned there), healthy, cut-over (the copy counts), removing,
   * moved; once reverted: removing-copy, kept.
   */
  readonly step: Scalars['String']['output'];
  readonly message: Maybe<Scalars['String']['output']>;
  /** When the copy began to count. */
  readonly cutOverAt: Maybe<Scalars['DateTime']['output']>;
};

export type MigrationPlan = {
  readonly location: Scalars['String']['output'];
  readonly to: Scalars['String']['output'];
  readonly resources: ReadonlyArray<MappedResource>;
  /** Empty when it can be started. */
  readonly problems: ReadonlyArray<MigrationProblem>;
  readonly environments: ReadonlyArray<PlannedMigration>;
};

export type MigrationProblem = {
  readonly field: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
};

export type PlannedMigration = {
  readonly from: Scalars['String']['output'];
  readonly to: Scalars['String']['output'];
  /** Why it cannot be planned at the other location; null when it can. */
  readonly problem: Maybe<Scalars['String']['output']>;
};

export type LocationConnection = {
  readonly nodes: ReadonlyArray<Location>;
  readonly edges: ReadonlyArray<LocationEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type LocationEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Location;
};

export type Resource = {
  readonly key: Scalars['ID']['output'];
  readonly kind: Scalars['String']['output'];
  readonly location: Scalars['String']['output'];
  readonly parameters: Scalars['JSON']['output'];
  readonly connection: Maybe<Scalars['String']['output']>;
  readonly retired: Scalars['Boolean']['output'];
};

export type ResourceConnection = {
  readonly nodes: ReadonlyArray<Resource>;
  readonly edges: ReadonlyArray<ResourceEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ResourceEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Resource;
};

export type ReleaseState =
  'UNMATCHED' | 'HELD' | 'PREPARING' | 'DEPLOYING' | 'COMPLETED' | 'FAILED' | 'REFUSED' | 'CANCELLED' | 'SUPERSEDED';

export type Release = {
  readonly id: Scalars['ID']['output'];
  readonly project: Scalars['String']['output'];
  readonly ref: Scalars['String']['output'];
  readonly refKind: RefKind;
  readonly commit: Scalars['String']['output'];
  readonly state: ReleaseState;
  /** The reason for the state, in a sentence. */
  readonly reason: Scalars['String']['output'];
  /** Why it was refused, cancelled or rolled back, in the words of who did it; null when none were given or they were erased. */
  readonly decisionReason: Maybe<Scalars['String']['output']>;
  /** Set when COMPLETED: `healthy`, or `delivered` where only a repository was written. */
  readonly outcome: Maybe<Scalars['String']['output']>;
  readonly trigger: Scalars['String']['output'];
  readonly reuses: Maybe<Scalars['ID']['output']>;
  readonly order: Scalars['Position']['output'];
  readonly slot: Maybe<Scalars['String']['output']>;
  /** The rule that matched; null when none did. */
  readonly rule: Maybe<BranchRule>;
  readonly rulesRevision: Maybe<Scalars['Int']['output']>;
  readonly deliverable: Maybe<Scalars['JSON']['output']>;
  readonly config: Maybe<ReleaseConfig>;
  readonly holds: ReadonlyArray<Hold>;
  readonly approvals: ReadonlyArray<Approval>;
  readonly requestedBy: Maybe<Principal>;
  readonly requestedAt: Scalars['DateTime']['output'];
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** From the request to the outcome. */
  readonly durationMs: Maybe<Scalars['Int']['output']>;
  readonly via: Scalars['String']['output'];
  readonly pipelineId: Maybe<Scalars['String']['output']>;
  readonly jobId: Maybe<Scalars['String']['output']>;
  readonly url: Maybe<Scalars['String']['output']>;
  readonly attributes: Scalars['JSON']['output'];
  readonly correlationId: Scalars['ID']['output'];
  readonly locations: ReadonlyArray<ReleaseLocation>;
  readonly deployments: ReadonlyArray<Deployment>;
  /** Each role's metadata as it stood; null before that was decided. */
  readonly metadata: Maybe<ReleaseMetadata>;
  /** Why it is not deployed, or not in one location; empty when it was. */
  readonly notDeployed: ReadonlyArray<NotDeployed>;
  /** Incidents that it was named the cause of. */
  readonly incidents: ReadonlyArray<Incident>;
};

export type ReleaseNotDeployedArgs = {
  location?: InputMaybe<Scalars['String']['input']>;
};

/** The metadata that a release used, as it stood. */
export type ReleaseMetadata = {
  /** Revision of the project's stream. */
  readonly revision: Scalars['Int']['output'];
  readonly developer: Maybe<SubmittedSection>;
  readonly business: Maybe<SubmittedSection>;
  readonly devops: Maybe<SubmittedSection>;
};

export type SubmittedSection = {
  readonly value: Scalars['JSON']['output'];
  /** Of the event that submitted it, in the project's stream. */
  readonly revision: Scalars['Int']['output'];
  readonly eventId: Scalars['ID']['output'];
  readonly submittedBy: Principal;
  readonly submittedAt: Scalars['DateTime']['output'];
};

export type ReleaseConfig = {
  readonly repository: Scalars['String']['output'];
  readonly directory: Scalars['String']['output'];
  readonly fallback: Scalars['Boolean']['output'];
  readonly commit: Scalars['String']['output'];
  readonly digest: Scalars['String']['output'];
  readonly committedAt: Maybe<Scalars['DateTime']['output']>;
  readonly author: Maybe<Principal>;
};

export type Hold = {
  readonly kind: Scalars['String']['output'];
  readonly message: Scalars['String']['output'];
  /** What would free it. */
  readonly frees: Scalars['String']['output'];
  readonly details: Scalars['JSON']['output'];
};

export type Approval = {
  readonly approver: Principal;
  readonly at: Scalars['DateTime']['output'];
  /** False when what was approved has changed since. */
  readonly current: Scalars['Boolean']['output'];
  /** In the words of the approver; null when none were given or they were erased. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

export type ReleaseLocation = {
  readonly location: Scalars['String']['output'];
  readonly stage: Scalars['Int']['output'];
  readonly generation: Maybe<Scalars['Int']['output']>;
  /** pending, deploying, waiting (for an operator that is not there), delivered, healthy, failed, rejected, superseded or cancelled. */
  readonly state: Scalars['String']['output'];
  readonly message: Maybe<Scalars['String']['output']>;
};

export type ReleaseConnection = {
  readonly nodes: ReadonlyArray<Release>;
  readonly edges: ReadonlyArray<ReleaseEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type ReleaseEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Release;
};

export type ReleaseFilter = {
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly ref?: InputMaybe<Scalars['String']['input']>;
  readonly commit?: InputMaybe<Scalars['String']['input']>;
  readonly states?: InputMaybe<ReadonlyArray<ReleaseState>>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
  readonly pipelineId?: InputMaybe<Scalars['String']['input']>;
  readonly jobId?: InputMaybe<Scalars['String']['input']>;
};

export type Environment = {
  readonly name: Scalars['ID']['output'];
  readonly project: Scalars['String']['output'];
  readonly slot: Scalars['String']['output'];
  readonly location: Scalars['String']['output'];
  /** deploying, delivered, healthy, failed, rejected, removing, removed or waiting. */
  readonly state: Scalars['String']['output'];
  readonly generation: Scalars['Int']['output'];
  /** The deployment that is wanted; null when removed. */
  readonly current: Maybe<Deployment>;
  /** The last one that was delivered or healthy. */
  readonly lastGood: Maybe<Deployment>;
  /** The one that runs there now: during a rollout in steps, and after it went back, the one before. */
  readonly running: Maybe<Deployment>;
  /** How far the newest generation is rolled out in steps; null for one that goes in one go, or has not begun. */
  readonly rollout: Maybe<Rollout>;
  readonly drift: Maybe<Drift>;
  readonly pendingConfig: Maybe<PendingConfig>;
  /** Name of the environment, at a location that was migrated, whose history this one carries on. */
  readonly migratedFrom: Maybe<Scalars['String']['output']>;
  /** Name of the environment that counts in place of this one. */
  readonly migratedTo: Maybe<Scalars['String']['output']>;
  /** With `followMigrations` also those of the environment that it was migrated from. */
  readonly deployments: DeploymentConnection;
};

export type EnvironmentDeploymentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  followMigrations?: InputMaybe<Scalars['Boolean']['input']>;
};

export type Drift = {
  readonly paths: ReadonlyArray<Scalars['String']['output']>;
  readonly commit: Maybe<Scalars['String']['output']>;
  readonly noticedAt: Scalars['DateTime']['output'];
};

export type Rollout = {
  /** 0 before any traffic is shifted. */
  readonly step: Scalars['Int']['output'];
  /** The last step, which shifts to 100; null before any traffic is shifted. */
  readonly of: Maybe<Scalars['Int']['output']>;
  /** Percent of the traffic that the newest generation takes. */
  readonly weight: Scalars['Int']['output'];
  /** blue or green. */
  readonly track: Maybe<Scalars['String']['output']>;
  readonly paused: Maybe<RolloutPause>;
  /** The newest measurement. */
  readonly analysis: Maybe<RolloutMeasurement>;
  /** The newest directive. */
  readonly directive: Maybe<RolloutDirective>;
  /** failed, aborted or analysis: why all traffic went back to what ran before. */
  readonly returned: Maybe<Scalars['String']['output']>;
};

export type RolloutPause = {
  /** step, directive or preview. */
  readonly why: Scalars['String']['output'];
  /** Null: until somebody promotes or resumes it. */
  readonly until: Maybe<Scalars['DateTime']['output']>;
  readonly since: Scalars['DateTime']['output'];
};

export type RolloutMeasurement = {
  readonly step: Scalars['Int']['output'];
  readonly measurement: Scalars['Int']['output'];
  /** passed, failed or inconclusive. */
  readonly verdict: Scalars['String']['output'];
  readonly value: Maybe<Scalars['Float']['output']>;
  readonly message: Scalars['String']['output'];
  readonly at: Scalars['DateTime']['output'];
};

export type RolloutDirective = {
  /** promote, pause, resume or abort. */
  readonly directive: Scalars['String']['output'];
  readonly full: Scalars['Boolean']['output'];
  readonly by: Maybe<Principal>;
  readonly at: Scalars['DateTime']['output'];
};

export type PendingConfig = {
  readonly directory: Scalars['String']['output'];
  readonly commit: Scalars['String']['output'];
  readonly digest: Scalars['String']['output'];
  readonly noticedAt: Scalars['DateTime']['output'];
};

export type EnvironmentConnection = {
  readonly nodes: ReadonlyArray<Environment>;
  readonly edges: ReadonlyArray<EnvironmentEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type EnvironmentEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Environment;
};

export type EnvironmentFilter = {
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly slot?: InputMaybe<Scalars['String']['input']>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
  readonly states?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly includeRemoved?: InputMaybe<Scalars['Boolean']['input']>;
};

export type Deployment = {
  readonly name: Scalars['ID']['output'];
  readonly environment: Scalars['String']['output'];
  readonly project: Scalars['String']['output'];
  readonly slot: Scalars['String']['output'];
  readonly location: Scalars['String']['output'];
  readonly generation: Scalars['Int']['output'];
  /** requested, accepted, adapted, applied, rolled-out, delivered, healthy, failed, rejected, delayed, removed or superseded. */
  readonly state: Scalars['String']['output'];
  readonly message: Maybe<Scalars['String']['output']>;
  readonly release: Maybe<Release>;
  readonly ref: Maybe<Scalars['String']['output']>;
  readonly commit: Maybe<Scalars['String']['output']>;
  readonly deliverable: Maybe<Scalars['JSON']['output']>;
  readonly configDigest: Maybe<Scalars['String']['output']>;
  readonly tier: Maybe<Tier>;
  readonly replaces: Maybe<Scalars['Int']['output']>;
  /** Name of the deployment, at a location that is migrated, which this one copies. */
  readonly copyOf: Maybe<Scalars['String']['output']>;
  /** False where only its counterpart at the other location of a migration counts. */
  readonly counts: Scalars['Boolean']['output'];
  /** Commit in the location's repository, for git delivery. */
  readonly deliveredCommit: Maybe<Scalars['String']['output']>;
  readonly objects: Scalars['JSON']['output'];
  readonly requestedAt: Scalars['DateTime']['output'];
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  readonly durationMs: Maybe<Scalars['Int']['output']>;
  readonly drift: Maybe<Drift>;
  readonly correlationId: Scalars['ID']['output'];
  /** What it replaced. */
  readonly previous: Maybe<Deployment>;
  /** What it changed, beside what it replaced. */
  readonly changes: Comparison;
  /** Incidents that its release was named the cause of, here or where it is not known. */
  readonly incidents: ReadonlyArray<Incident>;
  /** What replaced it. */
  readonly next: Maybe<Deployment>;
  /** SHA-256 of the RFC 8785 text of `desired`; null for a removal. */
  readonly desiredDigest: Maybe<Scalars['String']['output']>;
  /** The full desired state that the operator was given. */
  readonly desired: Maybe<Scalars['JSON']['output']>;
  /** What the operator did and saw, in its order. */
  readonly actions: ReadonlyArray<DeploymentAction>;
};

/** One thing that the operator of a location did or saw. */
export type DeploymentAction = {
  readonly event: Event;
  /** Type of the event. */
  readonly kind: Scalars['String']['output'];
  readonly sentence: Scalars['String']['output'];
  /** When it happened there. */
  readonly at: Scalars['DateTime']['output'];
  /** When the ledger heard of it. */
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly durationMs: Maybe<Scalars['Float']['output']>;
  /** One word of the server or the operator. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** In the server's own words. */
  readonly message: Maybe<Scalars['String']['output']>;
  readonly objects: Maybe<Scalars['JSON']['output']>;
};

export type DeploymentConnection = {
  readonly nodes: ReadonlyArray<Deployment>;
  readonly edges: ReadonlyArray<DeploymentEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type DeploymentEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Deployment;
};

export type DeploymentFilter = {
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly slot?: InputMaybe<Scalars['String']['input']>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
  /** With a location: also what ran at those that were migrated to it. */
  readonly followMigrations?: InputMaybe<Scalars['Boolean']['input']>;
  readonly release?: InputMaybe<Scalars['ID']['input']>;
  readonly states?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type AttributeInput = {
  readonly name: Scalars['String']['input'];
  readonly value: Scalars['String']['input'];
};

/** Whole values, but of commits and digests seven or more hex digits from the start. */
export type SearchInput = {
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly ref?: InputMaybe<Scalars['String']['input']>;
  readonly commit?: InputMaybe<Scalars['String']['input']>;
  /** Of the image or the package. */
  readonly digest?: InputMaybe<Scalars['String']['input']>;
  readonly configCommit?: InputMaybe<Scalars['String']['input']>;
  /** Login or id of somebody who asked, approved, refused, cancelled or wrote the configuration. */
  readonly person?: InputMaybe<Scalars['String']['input']>;
  readonly pipelineId?: InputMaybe<Scalars['String']['input']>;
  readonly jobId?: InputMaybe<Scalars['String']['input']>;
  readonly attributes?: InputMaybe<ReadonlyArray<AttributeInput>>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
  readonly environment?: InputMaybe<Scalars['String']['input']>;
  readonly deployment?: InputMaybe<Scalars['String']['input']>;
  readonly release?: InputMaybe<Scalars['ID']['input']>;
  /** An event: of a project, what was asked for while it was in force. */
  readonly event?: InputMaybe<Scalars['ID']['input']>;
};

export type SearchHit = {
  /** Null for the removal of an environment, which is of no release. */
  readonly release: Maybe<Release>;
  /** Those in the environment or location that was searched for, else all. */
  readonly deployments: ReadonlyArray<Deployment>;
  /** The fields that it was found by. */
  readonly foundBy: ReadonlyArray<Scalars['String']['output']>;
};

export type SearchConnection = {
  readonly nodes: ReadonlyArray<SearchHit>;
  readonly edges: ReadonlyArray<SearchEdge>;
  readonly pageInfo: PageInfo;
};

export type SearchEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: SearchHit;
};

export type Event = {
  readonly id: Scalars['ID']['output'];
  readonly type: Scalars['String']['output'];
  readonly version: Scalars['Int']['output'];
  readonly stream: Scalars['String']['output'];
  readonly revision: Scalars['Int']['output'];
  readonly position: Scalars['Position']['output'];
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly actor: Principal;
  readonly actorRoles: ReadonlyArray<Scalars['String']['output']>;
  readonly commandId: Scalars['ID']['output'];
  /** SHA-256 (hex) of what the caller asked for. */
  readonly commandDigest: Scalars['String']['output'];
  readonly correlationId: Scalars['ID']['output'];
  readonly causationId: Scalars['ID']['output'];
  readonly data: Scalars['JSON']['output'];
  readonly previousHash: Scalars['String']['output'];
  readonly hash: Scalars['String']['output'];
};

export type EventConnection = {
  readonly nodes: ReadonlyArray<Event>;
  readonly edges: ReadonlyArray<EventEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type EventEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Event;
};

export type RenderInput = {
  readonly project: Scalars['String']['input'];
  readonly ref: RefInput;
  /** Defaults to forty zeros: what is rendered does not depend on it but for annotations. */
  readonly commit?: InputMaybe<Scalars['String']['input']>;
  readonly deliverable?: InputMaybe<Scalars['JSON']['input']>;
  /** Configuration files to use instead of the config repository's: path and text. */
  readonly files?: InputMaybe<ReadonlyArray<FileInput>>;
};

export type FileInput = {
  readonly path: Scalars['String']['input'];
  readonly text: Scalars['String']['input'];
};

export type Rendering = {
  readonly rule: Scalars['String']['output'];
  readonly slot: Scalars['String']['output'];
  readonly directory: Scalars['String']['output'];
  readonly configDigest: Maybe<Scalars['String']['output']>;
  readonly locations: ReadonlyArray<RenderedLocation>;
};

export type RenderedLocation = {
  readonly location: Scalars['String']['output'];
  readonly files: ReadonlyArray<RenderedFile>;
};

export type RenderedFile = {
  readonly path: Scalars['String']['output'];
  readonly text: Scalars['String']['output'];
};

export type Why = {
  readonly subject: Scalars['String']['output'];
  readonly summary: Scalars['String']['output'];
  readonly steps: ReadonlyArray<WhyStep>;
  /** True when there is more than these steps. */
  readonly cut: Scalars['Boolean']['output'];
};

export type WhyStep = {
  readonly sentence: Scalars['String']['output'];
  readonly event: Event;
  readonly depth: Scalars['Int']['output'];
  /** Ids of the steps it follows from: what caused it first, then the rules and metadata that it was decided by. */
  readonly because: ReadonlyArray<Scalars['ID']['output']>;
  /** Whether it is what was asked about. */
  readonly isSubject: Scalars['Boolean']['output'];
};

export type WhyDirection =
  /** Back to who asked, the rules and the metadata. */
  | 'causes'
  /** On to what the operators did. */
  | 'effects'
  | 'both';

/** Why a push was not deployed. `event` says where it is recorded. */
export type NotDeployed = {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
};

/** No release was ever asked for. */
export type NeverAsked = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  /** What each rule says to the ref today. */
  readonly explanations: ReadonlyArray<RuleExplanation>;
};

/** No branch rule took the ref. */
export type NoRuleMatched = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly closest: Maybe<Scalars['String']['output']>;
  readonly rulesRevision: Maybe<Scalars['Int']['output']>;
  /** What each rule of then said. */
  readonly explanations: ReadonlyArray<RuleExplanation>;
};

/** It waits. */
export type HeldBack = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly holds: ReadonlyArray<Hold>;
  /** People that have to agree. */
  readonly waitsFor: ReadonlyArray<Principal>;
  /** Roles that have to give something. */
  readonly roles: ReadonlyArray<Role>;
};

/** An approver refused it. */
export type RefusedByApprover = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly by: Maybe<Principal>;
  /** In the words of who did it. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

/** It was cancelled. */
export type CancelledBefore = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly by: Maybe<Principal>;
  /** requested or branch-deleted. */
  readonly cause: Maybe<Scalars['String']['output']>;
  readonly reason: Maybe<Scalars['String']['output']>;
};

/** Something that was asked for later is there. */
export type SupersededBefore = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly by: Maybe<Release>;
  readonly byGeneration: Maybe<Scalars['Int']['output']>;
};

/** The location could not, or would not. */
export type RefusedByCluster = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  /** failed or rejected. */
  readonly outcome: Scalars['String']['output'];
  readonly reason: Maybe<Scalars['String']['output']>;
  /** The server's own words. */
  readonly words: Maybe<Scalars['String']['output']>;
  readonly deployment: Maybe<Scalars['String']['output']>;
};

/** An earlier stage did not succeed, or not yet. */
export type StageNotStarted = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  /** Locations of the earlier stage. */
  readonly earlier: ReadonlyArray<Scalars['String']['output']>;
};

/** Its rule deploys elsewhere. */
export type NotPlannedThere = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
  readonly planned: ReadonlyArray<Scalars['String']['output']>;
};

/** It may still be deployed. */
export type StillUnderWay = NotDeployed & {
  readonly message: Scalars['String']['output'];
  /** Null when it is of the release as a whole. */
  readonly location: Maybe<Scalars['String']['output']>;
  readonly event: Maybe<Event>;
};

/** What became of one push. */
export type Push = {
  /** Null when none was asked for. */
  readonly release: Maybe<Release>;
  /** What was deployed of it after all. */
  readonly deployments: ReadonlyArray<Deployment>;
  /** Empty when it was deployed everywhere it should. */
  readonly reasons: ReadonlyArray<NotDeployed>;
};

export type WhyNotInput = {
  readonly project: Scalars['String']['input'];
  readonly ref?: InputMaybe<Scalars['String']['input']>;
  readonly refKind?: InputMaybe<RefKind>;
  /** A full commit id, or the first seven characters or more. */
  readonly commit?: InputMaybe<Scalars['String']['input']>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
};

/** One of environment, deployment or location; none of them for everything, or for a project. */
export type DiffSide = {
  readonly environment?: InputMaybe<Scalars['String']['input']>;
  readonly deployment?: InputMaybe<Scalars['String']['input']>;
  readonly location?: InputMaybe<Scalars['String']['input']>;
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly asOf?: InputMaybe<AsOf>;
};

export type Diff = {
  readonly nodes: ReadonlyArray<Comparison>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

/** Two deployments side by side; null where there is none. */
export type Comparison = {
  /** The environment, or `<project>.<slot>` of two locations. */
  readonly subject: Scalars['String']['output'];
  readonly from: Maybe<Deployment>;
  readonly to: Maybe<Deployment>;
  /** Null when it is the same. */
  readonly image: Maybe<FieldChange>;
  /** Files of the configuration. */
  readonly config: ReadonlyArray<TextChange>;
  /** Of each role, by `<section>.<field>`. */
  readonly metadata: ReadonlyArray<FieldChange>;
  /** Of the branch rule that was used. */
  readonly rule: ReadonlyArray<FieldChange>;
  /** Of the desired state, without the files. */
  readonly desired: ReadonlyArray<FieldChange>;
  /** Objects that are applied, as YAML. */
  readonly objects: ReadonlyArray<TextChange>;
};

export type FieldChange = {
  readonly path: Scalars['String']['output'];
  readonly from: Maybe<Scalars['JSON']['output']>;
  readonly to: Maybe<Scalars['JSON']['output']>;
};

export type TextChange = {
  readonly path: Scalars['String']['output'];
  /** added, removed or changed. */
  readonly change: Scalars['String']['output'];
  /** A unified diff. */
  readonly patch: Scalars['String']['output'];
};

export type Rebuild = {
  readonly state: Scalars['String']['output'];
  /** Events replayed so far, and how many there were to replay at the start. */
  readonly done: Scalars['Int']['output'];
  readonly total: Scalars['Int']['output'];
  readonly startedAt: Scalars['DateTime']['output'];
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  readonly error: Maybe<Scalars['String']['output']>;
};

export type LoginLink = {
  readonly url: Scalars['String']['output'];
  readonly expiresAt: Scalars['DateTime']['output'];
};

export type RegisterProjectInput = {
  readonly key: Scalars['String']['input'];
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

/** People may be given by login; they are stored as opaque ids. */
export type SubmitMetadataInput = {
  readonly project: Scalars['String']['input'];
  readonly section: Section;
  readonly metadata: Scalars['JSON']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type DefineRulesInput = {
  readonly project: Scalars['String']['input'];
  readonly preset?: InputMaybe<Scalars['String']['input']>;
  readonly rules?: InputMaybe<Scalars['JSON']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type LocationInput = {
  readonly key: Scalars['String']['input'];
  readonly delivery: Scalars['JSON']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type RetireLocationInput = {
  readonly key: Scalars['String']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type MigrationPlanInput = {
  readonly location: Scalars['String']['input'];
  readonly to: Scalars['String']['input'];
  /** Resources by those that stand for them; what is not named is found by kind and name. */
  readonly map?: InputMaybe<ReadonlyArray<ResourcePair>>;
};

export type ResourcePair = {
  readonly from: Scalars['String']['input'];
  readonly to: Scalars['String']['input'];
};

export type MigrateLocationInput = {
  readonly location: Scalars['String']['input'];
  readonly to: Scalars['String']['input'];
  readonly map?: InputMaybe<ReadonlyArray<ResourcePair>>;
  /** Default: after-healthy. */
  readonly removal?: InputMaybe<MigrationRemovalInput>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type MigrationRemovalInput = {
  /** after-healthy, after or by-hand. */
  readonly when: Scalars['String']['input'];
  readonly seconds?: InputMaybe<Scalars['Int']['input']>;
};

export type MigrationActionInput = {
  /** The location that is left. */
  readonly location: Scalars['String']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type ResourceInput = {
  readonly key: Scalars['String']['input'];
  readonly location: Scalars['String']['input'];
  readonly kind?: InputMaybe<Scalars['String']['input']>;
  readonly parameters?: InputMaybe<Scalars['JSON']['input']>;
  readonly connection?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type RetireResourceInput = {
  readonly key: Scalars['String']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type RequestReleaseInput = {
  readonly project: Scalars['String']['input'];
  readonly ref: RefInput;
  readonly commit: Scalars['String']['input'];
  readonly deliverable?: InputMaybe<Scalars['JSON']['input']>;
  readonly trigger?: InputMaybe<Scalars['String']['input']>;
  readonly via?: InputMaybe<Scalars['String']['input']>;
  readonly pipelineId?: InputMaybe<Scalars['String']['input']>;
  readonly jobId?: InputMaybe<Scalars['String']['input']>;
  /** Attempt of the job, so that a retried job is a new request and a repeated call is not. */
  readonly attempt?: InputMaybe<Scalars['Int']['input']>;
  readonly url?: InputMaybe<Scalars['String']['input']>;
  readonly attributes?: InputMaybe<Scalars['JSON']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type ProvideDeliverableInput = {
  readonly release: Scalars['ID']['input'];
  readonly deliverable: Scalars['JSON']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type ReleaseActionInput = {
  readonly release: Scalars['ID']['input'];
  readonly reason?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type RollbackInput = {
  /** Release to go back to; or give environment, which goes back to its last good deployment before the current one. */
  readonly release?: InputMaybe<Scalars['ID']['input']>;
  readonly environment?: InputMaybe<Scalars['String']['input']>;
  readonly reason?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type DeleteBranchInput = {
  readonly project: Scalars['String']['input'];
  readonly branch: Scalars['String']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type RemoveEnvironmentInput = {
  readonly name: Scalars['String']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type Directive =
  /** End the pause at hand; of a blue-green, switch. */
  | 'promote'
  /** Stay as it is. */
  | 'pause'
  /** Go on after a pause that somebody asked for. */
  | 'resume'
  /** Go back to what ran before; final for this generation. */
  | 'abort';

export type DirectRolloutInput = {
  /** Of the environment. */
  readonly name: Scalars['String']['input'];
  readonly directive: Directive;
  /** With PROMOTE: all traffic at once, whatever steps are left. */
  readonly full?: InputMaybe<Scalars['Boolean']['input']>;
  /** With PROMOTE: the step whose pause is to end, 0 of a blue-green for its preview. Refused when the rollout is past it; where it is now when left out. */
  readonly step?: InputMaybe<Scalars['Int']['input']>;
  /** Refused when this is not the newest generation any more; the newest when left out. */
  readonly generation?: InputMaybe<Scalars['Int']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type CreateTokenInput = {
  readonly roles: ReadonlyArray<Role>;
  /** Project key; all projects when left out. */
  readonly project?: InputMaybe<Scalars['String']['input']>;
  /** Login of the person the token is for; a service otherwise. */
  readonly person?: InputMaybe<Scalars['String']['input']>;
  /** Display name of the person or service. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly expiresInDays?: InputMaybe<Scalars['Int']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type GrantInput = {
  readonly principal: Scalars['String']['input'];
  readonly role: Role;
  readonly project?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

/** Every payload tells the position of what was written: pass it as `Waybill-Read-After` to read your own write. */
export type ProjectPayload = {
  readonly project: Project;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type LocationPayload = {
  readonly location: Location;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type MigrationPayload = {
  readonly migration: Migration;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type ReleasePayload = {
  readonly release: Release;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type EnvironmentPayload = {
  readonly environment: Environment;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type DeleteBranchPayload = {
  readonly branch: Scalars['String']['output'];
  readonly slot: Scalars['String']['output'];
  readonly environments: ReadonlyArray<Scalars['String']['output']>;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type CheckConfigPayload = {
  readonly noticed: Scalars['Int']['output'];
};

export type CreateTokenPayload = {
  readonly token: Scalars['String']['output'];
  readonly tokenId: Scalars['ID']['output'];
  readonly principal: Principal;
  readonly position: Maybe<Scalars['Position']['output']>;
};

export type PrincipalPayload = {
  readonly principal: Principal;
  readonly position: Maybe<Scalars['Position']['output']>;
};

/** What is counted or timed. */
export type Measure =
  /** Releases that were asked for. */
  | 'releases'
  /** Releases whose ref a branch rule matched. */
  | 'matched'
  /** Releases whose ref no branch rule matched. */
  | 'unmatched'
  /** Releases that were healthy or delivered at every location. */
  | 'releases_good'
  /** Releases that failed at a location. */
  | 'releases_failed'
  /** Releases that go back to an earlier one. */
  | 'rollbacks'
  /** Releases that were held at least once. */
  | 'held'
  /** How long releases were held in all, until they went on. */
  | 'held_time'
  /** From the first hold for want of an approval until the release went on or was refused. */
  | 'approval_time'
  /** From the request of a release until it was healthy or delivered at every location. */
  | 'lead_time'
  /** Deployments that were begun: one release in one environment. */
  | 'deployments'
  /** Deployments that are healthy or delivered. */
  | 'deployments_good'
  /** Deployments that failed or were rejected. */
  | 'deployments_failed'
  /** From the request of a deployment until it was first healthy or delivered. */
  | 'rollout_time'
  /** How long applying the objects took, as reported. */
  | 'apply_time'
  /** Times that desired state was adapted to a location. */
  | 'adaptations'
  /** Times that objects were applied. */
  | 'applies'
  /** Times that applied objects were rolled out. */
  | 'rollouts'
  /** Times that objects no longer needed were removed. */
  | 'prunings'
  /** Steps in which traffic went to a new version. */
  | 'traffic_shifts'
  /** Times that an operator had to try again. */
  | 'delays'
  /** Times that what stands somewhere was changed behind the back of the ledger. */
  | 'drifts'
  /** From noticing a drift until it was healed. */
  | 'drift_time';

/** By what is counted. Time is that of the request, in the time zone of the question; of drifts, when it was noticed. */
export type StatisticsBy =
  | 'project'
  /** As it stood when the release was asked for. */
  | 'product_line'
  /** branch or tag. */
  | 'ref_kind'
  /** Of the branch rule that matched. */
  | 'tier'
  /** Who asked: an opaque id. */
  | 'person'
  /** Each role under which it was asked for. */
  | 'role'
  /** The attribute `team` of the release. */
  | 'team'
  /** What a pipeline is called, not its run: the attribute `pipeline`, or its address without the number of the run. */
  | 'pipeline'
  /** cli, graphql, webhook, cdevents or policy. */
  | 'via'
  /** push, manual, retry, rollback or config-change. */
  | 'trigger'
  /** Each location: a release counts under all that it went to. */
  | 'location'
  /** Each kind of resource that it went to. */
  | 'resource_kind'
  /** open, healthy, delivered, failed, superseded; of releases also unmatched, refused, cancelled; of drifts open, healed. */
  | 'outcome'
  /** The operator's reason, or why no rule matched. */
  | 'failure'
  | 'hour'
  | 'day'
  /** From Monday. */
  | 'week'
  | 'month';

export type StatisticsOrderValue =
  /** The count; of durations the median. */
  'value' | 'p50' | 'p90' | 'p99' | 'mean';

export type StatisticsInput = {
  /** 1 to 10. */
  readonly measures: ReadonlyArray<Measure>;
  /** 4 at most, of time one at most; nothing gives the total only. */
  readonly by?: InputMaybe<ReadonlyArray<StatisticsBy>>;
  /** A date (`2026-03-01`: the beginning of that day in the time zone), a local time or an instant; default: 30 days before `to`. */
  readonly from?: InputMaybe<Scalars['String']['input']>;
  /** Where the range ends, itself left out; default: now. A range is 20 years long at most. */
  readonly to?: InputMaybe<Scalars['String']['input']>;
  /** An IANA name such as Europe/Berlin. */
  readonly timeZone?: InputMaybe<Scalars['String']['input']>;
  /** All of them must be met. */
  readonly filter?: InputMaybe<ReadonlyArray<StatisticsFilter>>;
  /** Default: series in the order of time, anything else by the first measure, most first. */
  readonly orderBy?: InputMaybe<ReadonlyArray<StatisticsOrder>>;
  /** 1 to 1000. `/export/statistics` gives all rows as CSV or JSON Lines. */
  readonly limit?: InputMaybe<Scalars['Int']['input']>;
  /** Also hours, days, weeks or months without anything; for series by time alone. */
  readonly empty?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Give either `in` or `notIn`; null in them stands for what has no value. */
export type StatisticsFilter = {
  readonly dimension: StatisticsBy;
  readonly in?: InputMaybe<ReadonlyArray<InputMaybe<Scalars['String']['input']>>>;
  readonly notIn?: InputMaybe<ReadonlyArray<InputMaybe<Scalars['String']['input']>>>;
};

/** Give either `measure` or `by`, one of the question. */
export type StatisticsOrder = {
  readonly measure?: InputMaybe<Measure>;
  readonly by?: InputMaybe<StatisticsBy>;
  readonly value?: InputMaybe<StatisticsOrderValue>;
  readonly descending?: InputMaybe<Scalars['Boolean']['input']>;
};

export type Statistics = {
  readonly from: Scalars['DateTime']['output'];
  readonly to: Scalars['DateTime']['output'];
  readonly timeZone: Scalars['String']['output'];
  readonly rows: ReadonlyArray<StatisticsRow>;
  /** Rows there are in all. */
  readonly totalRows: Scalars['Int']['output'];
  /** Over everything, each fact once; rows may add up to more, where one counts under several locations. */
  readonly total: StatisticsRow;
};

export type StatisticsRow = {
  /** In the order of `by`. */
  readonly keys: ReadonlyArray<StatisticsKey>;
  /** In the order of `measures`. */
  readonly values: ReadonlyArray<StatisticsValue>;
};

export type StatisticsKey = {
  readonly by: StatisticsBy;
  /** Null: none. Of time: `2026-10-25T02:00+01:00`, `2026-10-25`, `2026-W43` or `2026-10`. */
  readonly value: Maybe<Scalars['String']['output']>;
  /** Of time: what of it lies in the range. */
  readonly from: Maybe<Scalars['DateTime']['output']>;
  readonly to: Maybe<Scalars['DateTime']['output']>;
  /** Of PERSON: who that is. */
  readonly principal: Maybe<Principal>;
};

export type StatisticsValue = {
  readonly measure: Measure;
  /** How many; of durations the median in milliseconds, null when there is none. */
  readonly value: Maybe<Scalars['Float']['output']>;
  /** Of durations only. */
  readonly durations: Maybe<Durations>;
};

/** Milliseconds, each off by 1/64 at most. */
export type Durations = {
  readonly count: Scalars['Int']['output'];
  readonly mean: Scalars['Float']['output'];
  readonly p50: Scalars['Float']['output'];
  readonly p90: Scalars['Float']['output'];
  readonly p99: Scalars['Float']['output'];
};

export type DoraMetricName =
  'lead_time' | 'deployment_frequency' | 'recovery_time' | 'change_fail_rate' | 'rework_rate';

export type DoraUnit =
  | 'milliseconds'
  /** 0 to 1. */
  | 'share'
  | 'days_per_week'
  | 'deployments_per_week';

export type DoraInput = {
  /** dora-2025, devlake-2023 or fourkeys. */
  readonly definition?: InputMaybe<Scalars['String']['input']>;
  /** As in `StatisticsInput`. */
  readonly from?: InputMaybe<Scalars['String']['input']>;
  readonly to?: InputMaybe<Scalars['String']['input']>;
  readonly timeZone?: InputMaybe<Scalars['String']['input']>;
  /** Key of a project; all that the asker may read when left out. */
  readonly project?: InputMaybe<Scalars['String']['input']>;
  /** Only what had been recorded by then. */
  readonly knownAt?: InputMaybe<Scalars['DateTime']['input']>;
};

export type Dora = {
  readonly definition: DoraDefinition;
  readonly from: Scalars['DateTime']['output'];
  readonly to: Scalars['DateTime']['output'];
  readonly timeZone: Scalars['String']['output'];
  /** All five; without a number where the definition has no such metric. */
  readonly metrics: ReadonlyArray<DoraMetric>;
  /** Corrections of incidents, oldest first. */
  readonly corrections: ReadonlyArray<IncidentVersion>;
};

export type DoraDefinition = {
  readonly name: Scalars['String']['output'];
  readonly title: Scalars['String']['output'];
  /** Where it is from. */
  readonly source: Scalars['String']['output'];
  readonly metrics: ReadonlyArray<DoraMetricDefinition>;
};

export type DoraMetricDefinition = {
  readonly metric: DoraMetricName;
  readonly unit: DoraUnit;
  /** How it is computed. */
  readonly words: Scalars['String']['output'];
  /** False: the definition has no such metric. */
  readonly defined: Scalars['Boolean']['output'];
};

export type DoraMetric = {
  readonly metric: DoraMetricName;
  readonly unit: DoraUnit;
  /** How it is computed, in the definition's words. */
  readonly words: Scalars['String']['output'];
  /** With what is known of incidents by now, or by `knownAt`. */
  readonly asKnown: DoraNumber;
  /** As incidents were recorded, before anybody corrected them. */
  readonly asRecorded: DoraNumber;
};

export type DoraNumber = {
  /** Null: there is nothing to say. */
  readonly value: Maybe<Scalars['Float']['output']>;
  /** The definition's word for it, such as elite or Weekly. */
  readonly rating: Maybe<Scalars['String']['output']>;
  /** How much of it rests on a link or a beginning that was concluded, not told. */
  readonly inferred: Scalars['Int']['output'];
  /** What the number is made of, newest first. */
  readonly evidence: DoraEvidenceConnection;
};

export type DoraNumberEvidenceArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type DoraEvidence = {
  readonly release: Maybe<Release>;
  readonly incident: Maybe<Incident>;
  /** When it counted. */
  readonly at: Scalars['DateTime']['output'];
  /** What it adds: milliseconds of times, 1 or 0 of shares and counts. */
  readonly value: Scalars['Float']['output'];
  /** The link between incident and release, or the beginning of a time, was not told but concluded. */
  readonly inferred: Scalars['Boolean']['output'];
  /** The events that say so: `why` and `events` tell more of each. */
  readonly events: ReadonlyArray<Scalars['ID']['output']>;
};

export type DoraEvidenceConnection = {
  readonly edges: ReadonlyArray<DoraEvidenceEdge>;
  readonly nodes: ReadonlyArray<DoraEvidence>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type DoraEvidenceEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: DoraEvidence;
};

export type Incident = {
  readonly id: Scalars['ID']['output'];
  readonly project: Scalars['String']['output'];
  readonly environment: Maybe<Scalars['String']['output']>;
  /** When it began and was over, as it was told. */
  readonly openedAt: Scalars['DateTime']['output'];
  readonly resolvedAt: Maybe<Scalars['DateTime']['output']>;
  readonly severity: Maybe<Scalars['String']['output']>;
  /** cli, graphql, webhook, alertmanager or cdevents. */
  readonly via: Scalars['String']['output'];
  /** What it is called there. */
  readonly key: Maybe<Scalars['String']['output']>;
  readonly url: Maybe<Scalars['String']['output']>;
  /** In the words of who or what told of it; null when there were none or they were erased. */
  readonly summary: Maybe<Scalars['String']['output']>;
  /** The release that was named as its cause. */
  readonly cause: Maybe<Release>;
  /** The release that brought the remedy. */
  readonly fixedBy: Maybe<Release>;
  /** It was none, as a correction says. */
  readonly dismissed: Scalars['Boolean']['output'];
  readonly corrections: Scalars['Int']['output'];
  /** What was known after each of its events, oldest first. */
  readonly versions: ReadonlyArray<IncidentVersion>;
};

export type IncidentVersion = {
  readonly incident: Scalars['ID']['output'];
  readonly eventId: Scalars['ID']['output'];
  /** IncidentOpened, IncidentCaused, IncidentResolved or IncidentCorrected. */
  readonly type: Scalars['String']['output'];
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly position: Scalars['Position']['output'];
  readonly openedAt: Scalars['DateTime']['output'];
  readonly resolvedAt: Maybe<Scalars['DateTime']['output']>;
  /** Ids of releases. */
  readonly cause: Maybe<Scalars['ID']['output']>;
  readonly fixedBy: Maybe<Scalars['ID']['output']>;
  readonly dismissed: Scalars['Boolean']['output'];
  /** Why it was corrected. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

export type IncidentConnection = {
  readonly edges: ReadonlyArray<IncidentEdge>;
  readonly nodes: ReadonlyArray<Incident>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
};

export type IncidentEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Incident;
};

export type IncidentFilter = {
  readonly project?: InputMaybe<Scalars['String']['input']>;
  /** True: those that are not over. */
  readonly open?: InputMaybe<Scalars['Boolean']['input']>;
  /** Id of the release that was named as cause. */
  readonly cause?: InputMaybe<Scalars['ID']['input']>;
};

export type OpenIncidentInput = {
  readonly project: Scalars['String']['input'];
  /** `<project>.<slot>@<location>`. */
  readonly environment?: InputMaybe<Scalars['String']['input']>;
  /** Default: now. */
  readonly openedAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly severity?: InputMaybe<Scalars['String']['input']>;
  readonly summary?: InputMaybe<Scalars['String']['input']>;
  /** What it is called elsewhere, such as a ticket: the same key is the same incident. */
  readonly key?: InputMaybe<Scalars['String']['input']>;
  readonly url?: InputMaybe<Scalars['String']['input']>;
  /** Id of the release that caused it, when that is known. */
  readonly cause?: InputMaybe<Scalars['ID']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type NameIncidentCauseInput = {
  readonly incident: Scalars['ID']['input'];
  /** Id of a release, or its first eight characters or more. */
  readonly release: Scalars['ID']['input'];
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type ResolveIncidentInput = {
  readonly incident: Scalars['ID']['input'];
  /** Default: now. */
  readonly resolvedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Id of the release that brought the remedy. */
  readonly fixedBy?: InputMaybe<Scalars['ID']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

/** What is left out stays; null takes back. */
export type CorrectIncidentInput = {
  readonly incident: Scalars['ID']['input'];
  readonly openedAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly resolvedAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly cause?: InputMaybe<Scalars['ID']['input']>;
  readonly fixedBy?: InputMaybe<Scalars['ID']['input']>;
  /** True: it was none. */
  readonly dismissed?: InputMaybe<Scalars['Boolean']['input']>;
  readonly reason?: InputMaybe<Scalars['String']['input']>;
  readonly commandId?: InputMaybe<Scalars['ID']['input']>;
};

export type IncidentPayload = {
  readonly incident: Incident;
  readonly position: Maybe<Scalars['Position']['output']>;
};
