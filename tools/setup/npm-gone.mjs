import { spawnSync } from 'node:child_process';

const LOOK_EVERY_MS = 500;

/**
 * Calls back once when the npm that runs this script is gone: a kill of npm alone does not reach the script, which would
 * go on unseen. Does nothing when npm did not start it.
 */
export function onNpmGone(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = npmAbove(process.ppid);
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    callback();
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** npm may have put a shell between itself and the script. */
function npmAbove(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parent, command] = /^\s*([0-9]+)\s+(.*)$/m.exec(stdout ?? '') ?? [];
  if (parent === undefined) return undefined;
  const npm = /^-?(.*\/)?(sh|dash|bash|zsh|ash|busybox)$/.test(command) ? Number(parent) : pid;
  return npm > 1 ? npm : undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
