export { isPostgresThere, postgresUrl } from './postgres-server.js';
