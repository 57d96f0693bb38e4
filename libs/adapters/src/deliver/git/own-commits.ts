import { parseEnvironmentName, environmentName, type EnvironmentId } from '@waybill/domain';
import { runGit } from '@waybill/git';

/** The newest commit of our own that deployed or removed one environment. */
export interface OwnCommit {
  readonly generation: number;
  readonly state: 'present' | 'absent';
  readonly commit: string;
}

/**
 * Which of our commits brought which generation, read from the trailers of the branch once and then kept up with. The
 * branch is the memory: it also knows of environments whose folder is gone.
 */
export interface OwnCommits {
  /** Makes the answers those of the branch at `tip`. */
  follow(tip: string | null): Promise<void>;
  /** Tells of a commit just made on `parent`, so that following it costs nothing. */
  made(environment: EnvironmentId, own: OwnCommit, parent: string | null): void;
  newest(environment: EnvironmentId): OwnCommit | undefined;
}

const FORMAT = [
  '%H',
  '%(trailers:key=Deployment,valueonly,separator=%x2C)',
  '%(trailers:key=State,valueonly,separator=%x2C)',
].join('%x1F');

export function createOwnCommits(gitDir: string): OwnCommits {
  const newest = new Map<string, OwnCommit>();
  let known: string | null = null;
  let turn: Promise<void> = Promise.resolve();

  const remember = (name: string, own: OwnCommit): void => {
    if ((newest.get(name)?.generation ?? 0) < own.generation) newest.set(name, own);
  };

  async function read(range: string): Promise<void> {
    const args = ['log', `--format=${FORMAT}`, '--grep=^Deployment: ', range, '--'];
    const { stdout } = await runGit(args, { gitDir });
    for (const line of stdout.toString('utf8').split('\n')) {
      const [commit, deployment, state] = line.split('\x1f');
      const match = /^(.*)\.([0-9]{1,15})$/.exec(deployment ?? '');
      const environment = match && parseEnvironmentName(match[1]!);
      if (!commit || !match || !environment) continue;
      remember(environmentName(environment), {
        commit,
        generation: Number(match[2]),
        state: state === 'absent' ? 'absent' : 'present',
      });
    }
  }

  async function catchUp(tip: string | null): Promise<void> {
    if (tip === known) return;
    if (tip === null || known === null || !(await grewFrom(gitDir, known, tip))) {
      newest.clear();
      if (tip !== null) await read(tip);
    } else {
      await read(`${known}..${tip}`);
    }
    known = tip;
  }

  return {
    follow(tip) {
      // One at a time: two readers would each move `known` under the other.
      const following = turn.then(() => catchUp(tip));
      turn = following.catch(() => undefined);
      return following;
    },
    made(environment, own, parent) {
      if (known !== parent) return;
      remember(environmentName(environment), own);
      known = own.commit;
    },
    newest: (environment) => newest.get(environmentName(environment)),
  };
}

/** False when the branch was rewritten, or the old tip is no longer there at all. */
async function grewFrom(gitDir: string, old: string, tip: string): Promise<boolean> {
  const { exitCode } = await runGit(['merge-base', '--is-ancestor', old, tip], { gitDir, accept: [0, 1, 128] });
  return exitCode === 0;
}
