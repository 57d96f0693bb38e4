export { openViews } from './views.js';
export type { Views, ViewsOptions } from './views.js';
export type { ViewsTrouble } from './backoff.js';
export type { RebuildOptions, RebuildStatus } from './rebuild.js';
export type { Dump } from './dump.js';
export type { Page, PageRequest } from './paging.js';
export { MAX_PAGE, decodeCursor, encodeCursor, listFingerprint, pageOf, pageSize } from './paging.js';
export type { ProjectQueries, ProjectRow } from './projects/queries.js';
export type { LocationQueries, LocationRow, ResourceFilter, ResourceRow } from './locations/queries.js';
export type { MigrationRow } from './locations/migrations.js';
export { withPredecessors } from './locations/migrations.js';
export type { OperatorRow } from './locations/table.js';
export type { ApprovalRow, HoldRow, ReleaseFilter, ReleaseQueries, ReleaseRow } from './releases/queries.js';
export type { ReleaseLocation, ReleaseStateName } from './releases/table.js';
export type {
  EnvironmentFilter,
  EnvironmentQueries,
  EnvironmentRow,
  EnvironmentStateName,
} from './environments/queries.js';
export type { Drift, PendingConfig } from './environments/table.js';
export type { DeploymentFilter, DeploymentQueries, DeploymentRow } from './deployments/queries.js';
export type { DeploymentStateName } from './deployments/table.js';
export type { AccessQueries, PrincipalRow, TokenRow } from './access/queries.js';
export type { GrantRow } from './access/table.js';
export type { HistoryQueries } from './history/queries.js';
export type { Moment } from './history/moment.js';
export type { CountedPage } from './history/estate.js';
export { foldedRelease } from './releases/folded.js';
export type { MetadataAtRevision, SubmittedSection } from './history/projects.js';
export type { SearchCriterion, SearchField } from './search/criteria.js';
export type { FoundHit, SearchQueries, SearchRequest } from './search/queries.js';
export type { TimelineEntry, TimelineQueries, TimelineRequest } from './timeline/queries.js';
export type { StatisticsQueries } from './statistics/queries.js';
export type {
  KeyName,
  StatisticsFilter,
  StatisticsOrder,
  StatisticsQuestion,
  ValueName,
} from './statistics/question.js';
export type { StatisticsAnswer, StatisticsKey, StatisticsRow, StatisticsValue } from './statistics/answer.js';
export { DIMENSIONS, MEASURES, TIME_UNITS } from './statistics/vocabulary.js';
export type { DimensionName, MeasureName } from './statistics/vocabulary.js';
export { RELATIVE_ERROR } from './statistics/histogram.js';
export type { IncidentFilter, IncidentQueries, IncidentRow, IncidentVersionRow } from './incidents/queries.js';
export type { DoraAnswer, DoraMetric, DoraQueries, DoraQuestion } from './dora/queries.js';
export type { DoraEvidence, DoraMetricName, DoraNumber } from './dora/facts.js';
export { DORA_DEFINITIONS } from './dora/definitions.js';
