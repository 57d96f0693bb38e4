import { parseArgs } from 'node:util';
import { startControl, startEventStoreDbDouble } from '@waybill/stores/testing';

/** Prints the connection string on the first line and the address for faults on the second; ends on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, 'control-port': { type: 'string', default: '0' } },
  });
  const double = await startEventStoreDbDouble({ port: Number(values.port) });
  const control = await startControl(double, Number(values['control-port']));
  console.log(double.url);
  console.log(control.url);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      control.stop();
      double.stop();
    });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
