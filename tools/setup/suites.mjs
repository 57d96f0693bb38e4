import { SERVERS } from '../servers/catalogue.mjs';
import { table } from '../servers/table.mjs';

/** Every suite of `npm test`, in the order in which they run; `servers` are those it cannot do without. */
export const SUITES = [
  { name: 'unit and contract', config: 'jest.config.cjs', servers: [] },
  { name: 'contracts on Kafka', config: 'tests/kafka/jest.config.cjs', servers: ['kafka'] },
  {
    name: 'contracts on Kubernetes',
    config: 'tests/kubernetes/jest.config.cjs',
    servers: ['kubernetes', 'istio-crds'],
  },
  {
    name: 'old and new versions',
    config: 'tests/versions/jest.config.cjs',
    servers: ['kubernetes', 'kubernetes-1.24', 'istio-crds', 'istiod'],
  },
  { name: 'end to end', config: 'tests/e2e/jest.config.cjs', servers: [] },
  { name: 'end to end on EventStoreDB', config: 'tests/eventstoredb/e2e.config.cjs', servers: [] },
  { name: 'end to end on PostgreSQL', config: 'tests/postgres/e2e.config.cjs', servers: ['postgres'] },
  {
    name: 'end to end in a cluster',
    config: 'tests/cluster/jest.config.cjs',
    servers: ['kafka', 'kubernetes', 'istio-crds'],
  },
  {
    name: 'end to end over versions',
    config: 'tests/cluster/versions.config.cjs',
    servers: ['kafka', 'kubernetes', 'kubernetes-1.24', 'istio-crds', 'istiod'],
  },
];

const INSTALL_LIMIT_MS = 60_000;

/** The answer for each server that was asked for: an installation is tried once. */
const lacking = new Map();

/**
 * The servers of a suite that are neither given, nor installed, nor installed within a minute.
 * @param {{ servers: string[] }} suite
 */
export async function lackingServers({ servers }) {
  const missing = [];
  for (const name of servers) {
    if (!lacking.has(name)) lacking.set(name, lackingServer(name));
    if (await lacking.get(name)) missing.push(name);
  }
  return missing;
}

async function lackingServer(name) {
  const { title, given, isInstalled, installsSoon, install } = SERVERS[name];
  if ((given && process.env[given]) || isInstalled()) return false;
  if (!installsSoon()) return true;
  try {
    const signal = AbortSignal.timeout(INSTALL_LIMIT_MS);
    await install((sentence) => console.error(`${title}: ${sentence}`), { signal });
    return false;
  } catch (error) {
    console.error(`${title}: ${error.message}`);
    return true;
  }
}

/**
 * What ran, and what would have.
 * @param {{ suite: { name: string, servers: string[] }, state: 'ran' | 'skipped' | 'missing' | 'broken', passed: number,
 *   failed: number, skipped: number, lacking: string[] }[]} results
 */
export function resultTable(results) {
  const rows = results.map(({ suite, state, passed, failed, skipped, lacking }) => [
    suite.name,
    suite.servers.map((name) => SERVERS[name].title).join(', ') || '–',
    state,
    ...[passed, failed, skipped].map(String),
    lacking.map((name) => SERVERS[name].enable).join('; '),
  ]);
  return table(
    ['suite', 'server', '', 'passed', 'failed', 'skipped', rows.some((row) => row[6]) ? 'to run it' : ''],
    rows,
  );
}
