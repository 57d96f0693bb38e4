#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const built = join(__dirname, '..', 'dist', 'main.js');
if (existsSync(built)) {
  require(built).main();
} else {
  process.stderr.write('waybill is not built yet. Run `npm start` or `npm run build` in the repository first.\n');
  process.exitCode = 1;
}
