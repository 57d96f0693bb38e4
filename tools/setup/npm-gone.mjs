import { spawnSync } from 'node:child_process';

const LOOK_EVERY_MS = 500;

/**
 * Calls back once when the npm that runs this script is gone. npm puts a shell between itself and the script, so a kill
 * of npm alone reaches neither: without this, the script would go on unseen. Does nothing when npm did not start it.
 */
export function onNpmGone(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const { stdout } = spawnSync('ps', ['-o', 'ppid=', '-p', String(process.ppid)], { encoding: 'utf8' });
  const npm = Number(stdout);
  if (!(npm > 1)) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    callback();
  }, LOOK_EVERY_MS);
  timer.unref();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
