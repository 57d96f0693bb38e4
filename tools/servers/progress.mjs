import { spawn } from 'node:child_process';

const TELL_EVERY_MS = 15_000;
const TAIL = 3000;

/**
 * Runs a program that takes a while and says how long it has been at it. Rejects with the program's last words.
 * @param {(sentence: string) => void} say
 * @param {string} what such as `building etcd 3.6.9`
 * @param {string} expected such as `about 4 minutes`
 */
export async function runWithProgress(say, what, expected, program, args, options = {}) {
  const started = Date.now();
  say(`${what} (${expected}) …`);
  const timer = setInterval(() => say(`${what}: ${duration(Date.now() - started)} so far`), TELL_EVERY_MS);
  try {
    await runToEnd(program, args, options);
  } catch (error) {
    throw new Error(`${what} failed: ${error.message}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
  say(`${what}: done in ${duration(Date.now() - started)}`);
}

/** Resolves with what the program printed. */
export function runToEnd(program, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (words = `${words}${text}`.slice(-TAIL)));
    child.once('error', fail);
    child.once('close', (code, signal) => {
      if (code === 0) return done(printed);
      fail(new Error(`${program} ended with ${code ?? signal}: ${(words || printed.slice(-TAIL)).trim()}`));
    });
  });
}

function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
