import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { root } from '../../setup/install.mjs';
import { plainEnvironment } from './product.mjs';

const run = promisify(execFile);
const OURS = 'app.kubernetes.io/managed-by=waybill';

/**
 * What the clusters say and what the ledger says, one under the other.
 * @param {{ name: string, kubectl: (args: string[]) => Promise<string> }[]} clusters
 * @param {Record<string, string>} env how the CLI reaches the ledger
 */
export async function sideBySide(clusters, env) {
  const parts = [];
  for (const { name, kubectl } of clusters) {
    parts.push(`In ${name}`);
    parts.push(shown('kubectl get releases -A', await kubectl(['get', 'releases', '-A'])));
    const deployments = ['get', 'deployments', '-A', '-l', OURS];
    const columns = ['-L', 'waybill.dev/slot', '-L', 'app.kubernetes.io/version'];
    parts.push(shown(`kubectl ${deployments.join(' ')}`, await kubectl([...deployments, ...columns])));
  }
  parts.push('In the ledger');
  for (const args of [
    ['status', 'a'],
    ['history', 'a'],
    ['why', 'a.prod@prod1.1'],
  ]) {
    parts.push(shown(`waybill ${args.join(' ')}`, await waybill(args, env)));
  }
  return parts.join('\n\n');
}

async function waybill(args, env) {
  const bin = join(root, 'apps/cli/bin/waybill.js');
  const { stdout } = await run(process.execPath, [bin, ...args], { env: { ...plainEnvironment(), ...env } });
  return stdout;
}

const shown = (command, text) =>
  [
    `  $ ${command}`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
