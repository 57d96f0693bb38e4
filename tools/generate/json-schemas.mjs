// docs/schemas/*.json: the JSON schemas that others validate against, from the schemas that Waybill itself uses.
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { root } from '../setup/install.mjs';
import { writeOrCheck } from './write.mjs';

/**
 * `io` says which side of the defaults a schema describes: what people write (`input`) or what stands on the channel
 * (`output`).
 */
const SCHEMAS = [
  { file: 'desired-state', lib: '@waybill/channel', name: 'DesiredState', io: 'output' },
  // Records of a ledger that knew no directives stand on topics still.
  { file: 'desired-record', lib: '@waybill/channel', name: 'DesiredRecord', io: 'output', optional: ['directive'] },
  { file: 'report', lib: '@waybill/channel', name: 'Report', io: 'output' },
  { file: 'feed-event', lib: '@waybill/channel', name: 'FeedEventSchema', io: 'output' },
  { file: 'waybill-yaml', lib: '@waybill/config', name: 'WaybillYaml', io: 'input' },
];

export async function generate({ check = false } = {}) {
  const stale = [];
  for (const { file, lib, name, io, optional = [] } of SCHEMAS) {
    const path = `docs/schemas/${file}.json`;
    const exported = (await import(lib))[name];
    if (!exported) throw new Error(`${lib} exports no ${name}, from which ${path} is made`);
    const schema = { title: name, ...z.toJSONSchema(exported, { io, unrepresentable: 'any' }) };
    schema.required = schema.required?.filter((field) => !optional.includes(field));
    const filepath = join(root, path);
    const text = await format(JSON.stringify(schema), { ...(await resolveConfig(filepath)), filepath });
    stale.push(...writeOrCheck(path, text, { check }));
  }
  return stale;
}
