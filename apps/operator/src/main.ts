import { WaybillError, isWaybillError } from '@waybill/kernel';
import { EXAMPLE_MANIFESTS, manifestText, operatorManifests } from '@waybill/operator';
import { type Configuration, readConfiguration } from './configuration.js';
import { helpText } from './help.js';
import { createLog } from './log.js';
import { startOperatorProcess } from './operator-process.js';

async function main(): Promise<number> {
  const configuration = readConfiguration(process.argv.slice(2), process.env);
  switch (configuration.action) {
    case 'help':
      console.log(helpText());
      return 0;
    case 'print-manifests':
      process.stdout.write(manifests(configuration));
      return 0;
    default:
      return serve(configuration);
  }
}

async function serve(configuration: Configuration): Promise<number> {
  const asked = signalled();
  const running = await startOperatorProcess(configuration, createLog());
  console.log(`waybill operator of ${configuration.location} listening on ${running.url}`);
  try {
    await Promise.race([asked, running.done]);
  } finally {
    await running.stop();
  }
  return 0;
}

function manifests({ namespace, location, channel, settings, crdRules }: Configuration): string {
  const files = operatorManifests({ ...EXAMPLE_MANIFESTS, namespace, location, channel, settings, crdRules });
  return manifestText(Object.values(files).flat());
}

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

/** One sentence and what to do; words of ours only, and no stack. */
function tell(error: unknown): number {
  if (error instanceof WaybillError) {
    console.error(`waybill operator: ${error.message}${error.hint ? `. ${error.hint}` : ''}`);
    return isWaybillError(error, 'CONFIGURATION') ? 2 : 1;
  }
  console.error(`waybill operator: cannot go on: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

// A fault of ours: whoever runs the process gets one line, and a successor finds everything in the Releases.
process.on('uncaughtException', (error) => {
  createLog().error(`unexpected error, the operator stops: ${error.stack ?? error.message}`);
  process.exit(1);
});

main().then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(tell(error)),
);
