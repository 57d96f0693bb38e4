// Locks the data folder and says so, or says why not; then holds it until it is killed or its stdin ends.
require('./register.cjs');
const { lockDataFolder } = require('../src/index.ts');

try {
  const lock = lockDataFolder(process.argv[2]);
  console.log(JSON.stringify({ locked: lock.folder, pid: process.pid }));
  process.stdin.resume();
  process.stdin.on('end', () => {
    lock.release();
    process.exit(0);
  });
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
}
