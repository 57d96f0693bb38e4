import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { runCli } from '../testing/run-cli.js';

let script: string;
beforeAll(async () => {
  script = (await runCli(['completion', 'bash'])).out;
});

/** What bash offers after these words; the last one is being typed. */
function complete(...words: string[]): string[] {
  const typed = ['waybill', ...words].map((word) => `'${word}'`).join(' ');
  const asked = `${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _waybill; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', asked], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('bash completion', () => {
  it('completes commands, subcommands and options', () => {
    expect(complete('rel')).toEqual(['release', 'releases']);
    expect(complete('project', 's')).toEqual(['show', 'set']);
    expect(complete('release', 'A', '--im')).toEqual(['--image']);
    expect(complete('watch', 'x', '--exit')).toEqual(['--exit-status']);
  });

  it('completes the values of options and arguments that have some', () => {
    expect(complete('status', '-o', '')).toEqual(['json', 'yaml', 'wide']);
    expect(complete('project', 'set', 'A', 'dev')).toEqual(['developer', 'devops']);
    expect(complete('rules', 'set', 'A', '--preset', '')).toEqual(['gitflow', 'trunk']);
    expect(complete('history', '--ref', 'd')).toEqual([]);
  });
});

describe.each(['zsh', 'fish'])('%s completion', (shell) => {
  it('names every command', async () => {
    const { out, code } = await runCli(['completion', shell]);
    expect(code).toBe(0);
    for (const command of ['release', 'location', 'revoke-role', 'completion']) expect(out).toContain(`'${command}`);
  });

  it('is accepted by the shell where it is installed', async () => {
    const { out } = await runCli(['completion', shell]);
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' });
    if (error) expect(error).toMatchObject({ code: 'ENOENT' });
    else expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
