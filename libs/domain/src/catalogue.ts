import { EventCatalogue } from '@waybill/kernel';
import { accessStream } from './access/events.js';
import { checkpointStream } from './checkpoint/events.js';
import { deploymentStream } from './deployment/events.js';
import { environmentStream } from './environment/events.js';
import { incidentStream } from './incident/events.js';
import { ledgerStream } from './ledger/events.js';
import { locationStream } from './location/events.js';
import { projectStream } from './project/events.js';
import { releaseStream } from './release/events.js';

/** Every event of the ledger. */
export const catalogue = new EventCatalogue([
  projectStream,
  locationStream,
  releaseStream,
  environmentStream,
  deploymentStream,
  incidentStream,
  accessStream,
  ledgerStream,
  checkpointStream,
]);
