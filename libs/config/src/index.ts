export { createConfigRepositories } from './config-repositories.js';
export type { ConfigQuery, ConfigRepositories, DigestQuery, DigestResult } from './config-repositories.js';
export { MAX_CONFIG_BYTES, MAX_CONFIG_FILES } from './config-result.js';
export type {
  ConfigContents,
  ConfigFound,
  ConfigProblem,
  ConfigProblemKind,
  ConfigResult,
  Manifest,
  ParsedContents,
} from './config-result.js';
export { parseContents, settingLine } from './parse-contents.js';
export { WaybillYaml } from './waybill-yaml.js';
export type { Settings } from './waybill-yaml.js';
