import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SERVERS = resolve(__dirname, '../../tools/servers');

let folder: string;
let programs: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-servers-'));
  programs = join(folder, 'programs');
  cache = join(folder, 'waybill', 'servers');
  mkdirSync(programs);
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Without anything of this machine but Node and the shell's own programs. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  return { PATH: programs, HOME: folder, XDG_CACHE_HOME: folder, ...more };
}

function node(args: string[], more?: Record<string, string>): Promise<Ended> {
  return new Promise((done) => {
    execFile(process.execPath, args, { env: environment(more), encoding: 'utf8' }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const servers = (args: string[], more?: Record<string, string>): Promise<Ended> =>
  node([join(SERVERS, 'main.mjs'), ...args], more);

async function evaluated(module: string, expression: string, more?: Record<string, string>): Promise<unknown> {
  const program = `import * as it from ${JSON.stringify(join(SERVERS, module))}; console.log(JSON.stringify(${expression}))`;
  const { stdout } = await node(['--input-type=module', '-e', program], more);
  return JSON.parse(stdout);
}

function fakeProgram(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}

/** Writes a jar where Maven would, and a line for each time that it ran. */
function fakeMaven(before = ''): string {
  const runs = join(folder, 'runs');
  const target = 'for arg; do case $arg in -DoutputDirectory=*) out=${arg#*=};; esac; done';
  fakeProgram('java', 'exit 0');
  fakeProgram('mvn', `echo run >> ${runs}\n${before}\n${target}\nmkdir -p "$out" && touch "$out/kafka.jar"`);
  return runs;
}

describe('npm run servers', () => {
  it('tells how it is called', async () => {
    expect(await servers([])).toMatchObject({ code: 2, stderr: expect.stringContaining('install|start|stop|status') });
    expect(await servers(['start', 'zookeeper'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no server called zookeeper.'),
    });
  });

  it('names a missing program and where it comes from', async () => {
    const kafka = await servers(['install', 'kafka']);
    expect(kafka.code).toBe(1);
    expect(kafka.stderr).toMatch(/^Kafka: .*java.*not on the PATH.*openjdk/);
    fakeProgram('java', 'exit 0');
    expect((await servers(['install', 'kafka'])).stderr).toMatch(/mvn.*not on the PATH.*apt-get install maven/);
    expect((await servers(['install', 'kubernetes'])).stderr).toMatch(/ go, which is not on the PATH.*go\.dev/);
  });

  it('refuses a Go that is too old for the Kubernetes it builds', async () => {
    fakeProgram('go', 'echo go1.22.4');
    const { code, stderr } = await servers(['install', 'kubernetes']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs Go 1\.26 or newer, and .* is go1\.22\.4/);
  });

  it('says what a folder of KUBEBUILDER_ASSETS lacks', async () => {
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) fakeProgram(name, 'exit 0');
    const { code, stdout } = await node([join(SERVERS, 'kubernetes.mjs')], { KUBEBUILDER_ASSETS: programs });
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { error: string }).error).toBe(
      `KUBEBUILDER_ASSETS (${programs}) lacks kube-controller-manager, kube-scheduler: ` +
        'put them there, or unset it and run npm run servers -- install kubernetes',
    );
  });
});

describe('a server that is not there', () => {
  const startOf = async (program: string, options?: object): Promise<string> => {
    const args = options ? ['--options', JSON.stringify(options)] : [];
    const { code, stdout } = await node([join(SERVERS, `${program}.mjs`), ...args]);
    expect(code).toBe(1);
    return (JSON.parse(stdout) as { error: string }).error;
  };

  it('says how to install the Kubernetes of that version, and which there are', async () => {
    expect(await startOf('kubernetes', { version: '1.24' })).toBe(
      'Kubernetes 1.24.17 is not installed: run npm run servers -- install kubernetes-1.24 (about 5 minutes, once)',
    );
    expect(await startOf('kubernetes', { version: '1.2' })).toBe(
      'there is no recipe for Kubernetes 1.2: there is one for 1.36.3 and 1.24.17',
    );
  });

  it('says what istiod needs', async () => {
    expect(await startOf('istiod')).toBe('istiod needs a Kubernetes: run npm run servers -- start kubernetes');
    expect(await startOf('istiod', { kubeconfig: 'none', kubectl: 'none' })).toBe(
      'istiod is not installed: run npm run servers -- install istiod (about 4 minutes, once)',
    );
  });

  it('says of which Istio there are CRDs', async () => {
    const { code, stderr } = await node([join(SERVERS, 'istio-crds.mjs'), '1.7']);
    expect(code).toBe(1);
    expect(stderr).toContain('there are no CRDs of Istio 1.7: there are those of 1.16 and 1.30');
  });
});

describe('what is only installed', () => {
  it('is neither started nor stopped', async () => {
    expect(await servers(['start', 'istio-crds'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await servers(['stop', 'istio-crds'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await servers(['status', 'istio-crds'])).stdout).toMatch(/CRDs of Istio +1\.16, 1\.30 +not installed +–/);
  });
});

describe('an installation', () => {
  it('is made once by two at the same time', async () => {
    const runs = fakeMaven('sleep 0.7');
    const both = await Promise.all([servers(['install', 'kafka']), servers(['install', 'kafka'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(runs, 'utf8')).toBe('run\n');
    expect(readdirSync(cache)).toEqual(['kafka-4.1.0']);
  });

  it('is absent after a kill, and made by the next', async () => {
    fakeMaven('exec sleep 30');
    const args = [join(SERVERS, 'main.mjs'), 'install', 'kafka'];
    const first = spawn(process.execPath, args, { env: environment(), stdio: 'ignore', detached: true });
    await appears(folder, 'runs');
    if (first.pid === undefined) throw new Error('it was not started');
    process.kill(-first.pid, 'SIGKILL');
    await once(first, 'exit');
    expect((await servers(['status', 'kafka'])).stdout).toContain('not installed');
    fakeMaven();
    expect((await servers(['install', 'kafka'])).code).toBe(0);
    expect((await servers(['status', 'kafka'])).stdout).toMatch(/Kafka +4\.1\.0 +installed +stopped/);
    expect(readdirSync(cache)).toEqual(['kafka-4.1.0']);
  });

  it('that fails leaves nothing and gives the words of the program', async () => {
    fakeMaven('echo "no such host" >&2; exit 3');
    const { code, stderr } = await servers(['install', 'kafka']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/mvn ended with 3: no such host/);
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('the state of a server in the background', () => {
  it.each([
    ['that is gone', 2 ** 22 + 1],
    ['whose number another process has', process.pid],
  ])('%s is cleared up', async (_, owner) => {
    const state = join(cache, 'running', 'kafka');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'kafka.json'), JSON.stringify({ brokers: ['127.0.0.1:1'], owner }));
    fakeProgram('ps', 'exec /bin/ps "$@"');
    expect((await servers(['status', 'kafka'])).stdout).toMatch(/stopped/);
    expect(existsSync(state)).toBe(false);
    expect((await servers(['stop', 'kafka'])).stdout).toBe('Kafka was not running\n');
  });
});

describe('the versions', () => {
  it.each(['1.36', '1.24'])('replace every part of Kubernetes %s by the patch level of the whole', async (name) => {
    const version = (await evaluated('versions.mjs', `it.kubernetesVersion('${name}')`)) as string;
    const module = (await evaluated('versions.mjs', `it.kubernetesModule('${version}')`)) as string;
    const replaced = module.split('\n').filter((line) => line.startsWith('replace '));
    expect(replaced.length).toBeGreaterThan(25);
    expect(replaced.every((line) => line.endsWith(` v${version.replace(/^1\./, '0.')}`))).toBe(true);
    expect(await evaluated('versions.mjs', `it.kubernetesLinkerFlags('${version}')`)).toContain(
      `k8s.io/component-base/version.gitVersion=v${version}`,
    );
  });
});

describe('the table of npm test', () => {
  it('says of a skipped suite what would run it', async () => {
    const results = [
      { suite: { name: 'a', servers: [] }, state: 'ran', passed: 3, failed: 0, skipped: 0, lacking: [] },
      {
        suite: { name: 'b', servers: ['kafka', 'kubernetes'] },
        state: 'skipped',
        passed: 0,
        failed: 0,
        skipped: 1,
        lacking: ['kubernetes'],
      },
    ];
    const table = (await evaluated('../setup/suites.mjs', `it.resultTable(${JSON.stringify(results)})`)) as string;
    expect(table.split('\n')).toEqual([
      'suite  server                      passed  failed  skipped  to run it',
      'a      –                  ran      3       0       0',
      'b      Kafka, Kubernetes  skipped  0       0       1        npm run servers -- install kubernetes',
    ]);
  });
});

/** Resolves when the file is there. */
function appears(place: string, file: string): Promise<void> {
  return new Promise((done) => {
    const watcher = watch(place, () => look());
    const look = (): void => {
      if (!existsSync(join(place, file))) return;
      watcher.close();
      done();
    };
    look();
  });
}
