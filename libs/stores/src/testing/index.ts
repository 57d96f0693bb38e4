export type { Control } from './eventstoredb-double/control.js';
export { startControl } from './eventstoredb-double/control.js';
export type { DoubleOptions, EventStoreDbDouble } from './eventstoredb-double/double.js';
export { startEventStoreDbDouble } from './eventstoredb-double/double.js';
export type { Fault } from './eventstoredb-double/faults.js';
export { selfSignedCertificate } from './self-signed-certificate.js';
