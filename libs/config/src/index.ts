export type { ConfigQuery, ConfigRepositories, DigestQuery, DigestResult } from './config-repositories.js';
export type {
  ConfigContents,
  ConfigFound,
  ConfigProblem,
  ConfigProblemKind,
  ConfigResult,
  Manifest,
  ParsedContents,
} from './config-result.js';
export type { Settings } from './waybill-yaml.js';
export { WaybillYaml } from './waybill-yaml.js';
