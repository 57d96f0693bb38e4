export {
  Attributes,
  CommitId,
  Deliverable,
  EnvironmentId,
  Instant,
  LocationKey,
  MAX_ATTRIBUTES,
  MachineText,
  PrincipalId,
  ProjectKey,
  Ref,
  RefName,
  RepositoryUrl,
  ResourceKey,
  ResourceKind,
  Role,
  Sha256,
  Slot,
  Tier,
  machineText,
} from './vocabulary.js';
export { Analysis, DefinedStrategy, STRATEGY_TYPES, Strategy, rolloutSteps, strategyAt } from './strategy.js';
export type { RolloutStep } from './strategy.js';
export { BranchRule, BranchRuleInput } from './rules/rule.js';
export { compileRules, matchRef } from './rules/match.js';
export type { CompiledRules, RuleMatch } from './rules/match.js';
export { closestRule, explainMatch } from './rules/explain.js';
export type { RuleExplanation } from './rules/explain.js';
export { hostClash, hostsOf } from './rules/preview-hosts.js';
export type { EnvironmentHosts } from './rules/preview-hosts.js';
export { strategyChecker } from './rules/strategies.js';
export type { StrategyProblem, StrategyProject } from './rules/strategies.js';
export { presetRules } from './rules/presets.js';
export type { RulePreset } from './rules/presets.js';
export { resourceKindOf } from './rules/resource-kind.js';
export { TAG_DIRECTORY, completeRules, ruleProblems } from './rules/validate.js';
export { TAG_SLOT, slotOf } from './slot.js';
export { BusinessMetadata, DeveloperMetadata, DevopsMetadata, ReleaseWindow, SECTIONS } from './project/metadata.js';
export type { Section } from './project/metadata.js';
export { missingMetadata } from './project/missing.js';
export type { MissingMetadata } from './project/missing.js';
export { projectDecider } from './project/decide.js';
export type { ProjectState } from './project/state.js';
export { rulesInForce } from './project/rules-in-force.js';
export { windowOpensAt } from './project/window.js';
export { projectStream } from './project/events.js';
export type { ProjectEvent } from './project/events.js';
export { projectInputs } from './project/commands.js';
export type { KnownResource, ProjectCommand } from './project/commands.js';
export {
  ConnectionReference,
  Delivery,
  MAX_CORRECTIONS_NAMED,
  ResourceParameters,
  locationStream,
} from './location/events.js';
export type { Correction, LocationEvent } from './location/events.js';
export { locationInputs } from './location/commands.js';
export type { LocationCommand, MigrationContext } from './location/commands.js';
export { planMigration } from './location/decide-migration.js';
export type { MigrationPlan } from './location/decide-migration.js';
export { MigrationRemoval, migrationInForce } from './location/migration.js';
export type { MappedResource, MigrationPhase, MigrationState } from './location/migration.js';
export { locationDecider } from './location/decide.js';
export type { LocationOperator, LocationResource, LocationState } from './location/state.js';
export {
  Hold,
  LocationOutcome,
  ROLLBACK_OF,
  ROLLBACK_REASON,
  ReleaseId,
  ReleaseSource,
  ResolvedConfig,
  releaseStream,
} from './release/events.js';
export type { ReleaseEvent } from './release/events.js';
export { releaseInputs } from './release/commands.js';
export type { EvaluationContext, ReleaseCommand, RequestContext } from './release/commands.js';
export { releaseDecider } from './release/decide.js';
export { isOpen, isTerminal } from './release/state.js';
export type { ReleaseApproval, ReleaseLocationState, ReleasePhase, ReleaseState } from './release/state.js';
export { approvalIsCurrent, currentApprovers } from './release/approvals.js';
export { stagesOf } from './release/plan.js';
export type { PlannedResource } from './release/plan.js';
export { holdSentence, releaseReason } from './release/words.js';
export type { ReleaseReasonSubject } from './release/words.js';
export { Directive, environmentStream } from './environment/events.js';
export type { EnvironmentEvent } from './environment/events.js';
export { environmentInputs } from './environment/commands.js';
export type { EnvironmentCommand, RolloutContext } from './environment/commands.js';
export { environmentDecider } from './environment/decide.js';
export type { EnvironmentState } from './environment/state.js';
export { ObjectReference, Track, deploymentStream } from './deployment/events.js';
export type { DeploymentEvent } from './deployment/events.js';
export { Observation, deploymentInputs } from './deployment/commands.js';
export type { DeploymentCommand } from './deployment/commands.js';
export { deploymentDecider } from './deployment/decide.js';
export type { DeploymentOutcome, DeploymentState } from './deployment/state.js';
export { IncidentId, IncidentSource, incidentStream } from './incident/events.js';
export type { IncidentEvent } from './incident/events.js';
export { incidentInputs } from './incident/commands.js';
export type { IncidentCommand, IncidentContext } from './incident/commands.js';
export { incidentDecider } from './incident/decide.js';
export { evolveIncident } from './incident/state.js';
export type { IncidentFacts, IncidentState } from './incident/state.js';
export { accessStream, Scope } from './access/events.js';
export type { AccessEvent } from './access/events.js';
export { accessInputs } from './access/commands.js';
export type { AccessCommand } from './access/commands.js';
export { accessDecider } from './access/decide.js';
export { mayDo } from './access/state.js';
export type { AccessGrant, AccessState, AccessToken } from './access/state.js';
export { KeyId, LedgerId, SignedNote, VerifierKey, ledgerStream } from './ledger/events.js';
export type { LedgerEvent } from './ledger/events.js';
export { ledgerInputs } from './ledger/commands.js';
export type { LedgerCommand } from './ledger/commands.js';
export { ledgerDecider } from './ledger/decide.js';
export type { LedgerKey, LedgerState } from './ledger/state.js';
export { Checkpoint, checkpointStream } from './checkpoint/events.js';
export type { CheckpointEvent } from './checkpoint/events.js';
export { checkpointInputs } from './checkpoint/commands.js';
export type { CheckpointCommand } from './checkpoint/commands.js';
export { checkpointDecider } from './checkpoint/decide.js';
export type { CheckpointState } from './checkpoint/decide.js';
export { catalogue } from './catalogue.js';
export {
  CHECKPOINT_STREAM,
  LEDGER_STREAM,
  accessStreamOf,
  categoryOf,
  deploymentStreamOf,
  environmentName,
  environmentStreamOf,
  incidentStreamOf,
  locationStreamOf,
  parseEnvironmentName,
  projectStreamOf,
  releaseStreamOf,
} from './streams.js';
export type { SecretFinding, SecretRule } from './secrets.js';
export { findSecret } from './secrets.js';
