import { findSecret } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { z } from 'zod';
import {
  type ConfigContents,
  type Fault,
  MAX_CONFIG_BYTES,
  type Manifest,
  type ParsedContents,
} from './config-result.js';
import { WaybillYaml, settingsOf } from './waybill-yaml.js';
import { isFault, readYaml, readYamlDocuments, schemaFault } from './yaml-source.js';

export const SETTINGS_FILE = 'waybill.yaml';
const MANIFEST = /^manifests\/.+\.ya?ml$/;

/** Checks and parses the files of a configuration directory; `file` of a fault is a path in the directory. */
export function checkContents({ files }: ConfigContents): ParsedContents | Fault {
  const tooLarge = sizeFault(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })));
  if (tooLarge) return tooLarge;
  const settings = parseSettings(files);
  if (isProblem(settings)) return settings;
  const manifests: Manifest[] = [];
  const serviceFiles: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    const secret = findSecret(path, text);
    if (secret) return { problem: 'secret', file: path, line: secret.line, message: secretMessage(secret.rule) };
    if (MANIFEST.test(path)) {
      const parsed = parseManifests(path, text);
      if (isProblem(parsed)) return parsed;
      manifests.push(...parsed);
    } else if (path !== SETTINGS_FILE) {
      serviceFiles[path] = text;
    }
  }
  return { settings, files: serviceFiles, manifests };
}

/**
 * The same for contents that come from elsewhere than a repository: the blob store, or a folder on somebody's machine.
 * Throws `SECRET_FOUND`, `CONTENT_TOO_LARGE` or `INVALID_INPUT`, naming file and line.
 */
export function parseContents(contents: ConfigContents): ParsedContents {
  const parsed = checkContents(contents);
  if (!isProblem(parsed)) return parsed;
  const where = [parsed.file, parsed.line].filter((part) => part !== null).join(':');
  throw new WaybillError(ERROR_CODES[parsed.problem], where === '' ? parsed.message : `${where}: ${parsed.message}`);
}

const ERROR_CODES = {
  missing: 'INVALID_INPUT',
  invalid: 'INVALID_INPUT',
  unreachable: 'GIT_FAILED',
  'too-large': 'CONTENT_TOO_LARGE',
  secret: 'SECRET_FOUND',
} as const;

export function isProblem(result: object): result is Fault {
  return 'problem' in result;
}

export function sizeFault(files: readonly { path: string; bytes: number }[]): Fault | undefined {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= MAX_CONFIG_BYTES) return undefined;
  const biggest = files.reduce((most, file) => (file.bytes > most.bytes ? file : most));
  return {
    problem: 'too-large',
    file: biggest.path,
    line: null,
    message: `the directory holds ${kib(total)} KiB, ${kib(biggest.bytes)} of them in this file; at most ${kib(MAX_CONFIG_BYTES)} KiB are kept for one deployment`,
  };
}

const kib = (bytes: number): number => Math.ceil(bytes / 1024);

function parseSettings(files: Readonly<Record<string, string>>): ParsedContents['settings'] | Fault {
  const text = files[SETTINGS_FILE];
  if (text === undefined) {
    return {
      problem: 'missing',
      file: SETTINGS_FILE,
      line: null,
      message:
        files['waybill.yml'] === undefined
          ? 'there is no waybill.yaml; an empty one is enough: one replica, no variables'
          : 'there is no waybill.yaml; rename waybill.yml',
    };
  }
  const source = readYaml(text);
  if (isFault(source)) return invalid(SETTINGS_FILE, source);
  const parsed = WaybillYaml.safeParse(source.value ?? {});
  return parsed.success ? settingsOf(parsed.data) : invalid(SETTINGS_FILE, schemaFault(source, parsed.error));
}

/** Line of `waybill.yaml` that sets what the path leads to, or the nearest part around it; null when nothing does. */
export function settingLine({ files }: ConfigContents, path: readonly (string | number)[]): number | null {
  const source = readYaml(files[SETTINGS_FILE] ?? '');
  return isFault(source) || source.value == null ? null : source.lineOf(path);
}

const ManifestObject = z.looseObject(
  {
    apiVersion: z.string('must be a text such as apps/v1').min(1, 'is empty'),
    kind: z.string('must be a text such as ConfigMap').min(1, 'is empty'),
    metadata: z.looseObject({ name: z.string('must be a text').min(1, 'is empty') }, 'must be a map with a name'),
  },
  'must be an object with apiVersion, kind and metadata.name',
);

const JsonObject = z.record(z.string(), z.json());

function parseManifests(path: string, text: string): Manifest[] | Fault {
  const sources = readYamlDocuments(text);
  if (isFault(sources)) return invalid(path, sources);
  const manifests: Manifest[] = [];
  for (const source of sources) {
    const shape = ManifestObject.safeParse(source.value);
    if (!shape.success) return invalid(path, schemaFault(source, shape.error));
    const object = JsonObject.safeParse(source.value);
    if (!object.success) {
      const place = pathToOddNumber(source.value) ?? [];
      return invalid(path, { line: source.lineOf(place), message: `${place.join('.')}: is not a value JSON can hold` });
    }
    manifests.push({ file: path, object: object.data });
  }
  return manifests;
}

/** Path to the first `.inf` or `.nan`: all that YAML's core schema has and JSON has not. */
function pathToOddNumber(value: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const found = pathToOddNumber(part, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

function invalid(file: string, { line, message }: { line: number; message: string }): Fault {
  return { problem: 'invalid', file, line, message };
}

const secretMessage = (rule: string): string =>
  `looks like a secret (${rule}); secrets are never stored: refer to one, as in env: { PASSWORD: { from: shop-db/password } }`;
