// 500 environments in one cluster under one operator, for a minute in which nothing happens: what the operator asks of
// the API server, counted in its audit log. Nothing may be written, and each environment may cost one read at most.
// Apart from that, and shown, is what it does however many environments there are: the renewals of its lease, which
// are writes by nature. A server-side apply with dryRun, which stores nothing, counts as a read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inFolder, report } from './measure.mjs';
import { NAMESPACE, OPERATOR_USER, startProduct } from './product.mjs';
import { withServers } from './servers.mjs';

const NAME = 'steady-state-500';
const { values } = parseArgs({
  options: { environments: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' } },
});
const ENVIRONMENTS = Number(values.environments);
const SECONDS = Number(values.seconds);
/** Releases that are under way at once until all are there. */
const AT_ONCE = 8;

/** All that the operator asks, each request once; of a watch, which goes on, its beginning. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [OPERATOR_USER] }, { level: 'None' }],
};

await inFolder(async (folder) => {
  const log = join(folder, 'audit.log');
  const policy = join(folder, 'audit-policy.json');
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY));
  const apiserverFlags = [
    `--audit-policy-file=${policy}`,
    `--audit-log-path=${log}`,
    '--audit-log-maxsize=1000',
    // Each environment has a Service, and 254 addresses do not go round.
    '--service-cluster-ip-range=10.0.0.0/16',
  ];
  await withServers(NAME, { kafka: {}, kubernetes: { apiserverFlags } }, async (servers) => {
    const product = await startProduct(servers, folder, { replicas: 0 });
    try {
      const empty = memoryOf(product.operator.pid);
      await fill(product);
      await quiet(log);
      const from = Date.now();
      await delay(SECONDS * 1000);
      const asked = requestsIn(log, from, Date.now());
      tell(asked, { empty, full: memoryOf(product.operator.pid) });
      await untouched(product);
    } finally {
      await product.stop();
    }
  });
});

async function fill({ request, settled }) {
  let next = 0;
  const some = async () => {
    while (next < ENVIRONMENTS) {
      const n = next++;
      await settled(await request(`dev-${n}`, n));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

/** Resolves when nothing of the last deployments is left to write: three seconds without a write. */
async function quiet(log) {
  for (;;) {
    const from = Date.now();
    await delay(3000);
    if (requestsIn(log, from, Date.now()).writes.length === 0) return;
  }
}

function requestsIn(log, from, to) {
  const once = new Map();
  for (const line of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
    const entry = JSON.parse(line);
    const at = Date.parse(entry.requestReceivedTimestamp);
    if (at >= from && at <= to) once.set(entry.auditID, entry);
  }
  const all = [...once.values()];
  const leases = all.filter(({ objectRef }) => objectRef?.resource === 'leases');
  const others = all.filter((entry) => !leases.includes(entry));
  const isRead = ({ verb, requestURI }) => ['get', 'list', 'watch'].includes(verb) || requestURI.includes('dryRun=All');
  return { leases, reads: others.filter(isRead), writes: others.filter((entry) => !isRead(entry)) };
}

/** `patch deployments (dryRun): 31`, the most frequent first. */
function byKind(entries) {
  const counts = new Map();
  for (const { verb, objectRef, requestURI } of entries) {
    const dry = requestURI.includes('dryRun=All') ? ' (dryRun)' : '';
    const what = `${verb} ${objectRef?.resource ?? requestURI}${dry}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const lines = [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${what} ${count}`);
  return lines.join(', ') || 'none';
}

function tell({ leases, reads, writes }, { empty, full }) {
  const ours = (reads.length / ENVIRONMENTS) * (60 / SECONDS);
  report(NAME, { ours, anchor: 1, goal: 1, unit: 'reads/environment/minute' });
  const perEnvironment = ((full - empty) / ENVIRONMENTS / 1024).toFixed(1);
  console.log(`  writes: ${byKind(writes)}; reads: ${byKind(reads)}; apart, of the lease: ${byKind(leases)}`);
  console.log(`  memory of the operator: ${mib(full)} MiB, ${mib(empty)} without any, ${perEnvironment} KiB each`);
  if (writes.length > 0) {
    console.log('  missed: there must be no writes');
    process.exitCode = 1;
  }
}

function mib(bytes) {
  return (bytes / 1024 ** 2).toFixed(0);
}

/** Resident, in bytes. */
function memoryOf(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

/** They were all there, and still are what they were. */
async function untouched({ kubectl }) {
  const { items } = JSON.parse(await kubectl(['get', 'releases.waybill.dev', '-n', NAMESPACE, '-o', 'json']));
  const steady = items.filter(({ status }) => status?.step === 'Steady');
  if (steady.length !== ENVIRONMENTS) throw new Error(`${steady.length} of ${ENVIRONMENTS} environments are steady`);
}
