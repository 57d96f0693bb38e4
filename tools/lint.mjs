// npm run lint: the import map, the house rules and the format.
import { run } from './setup/install.mjs';

process.env.NX_DAEMON = 'false';
// The rule about imports reads Nx's project graph, and lets everything pass when there is none.
run('npx', ['nx', 'show', 'projects'], { stdio: ['ignore', 'ignore', 'inherit'] });
run('npx', ['eslint', '.', '--max-warnings', '0']);
run('npx', ['prettier', '--check', '.']);
