export { type Server, PATIENT, connect, openPool, serverOf } from './connection.js';
export { TableGone, explained } from './explain.js';
