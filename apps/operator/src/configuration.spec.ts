import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from './configuration.js';
import { helpText } from './help.js';
import { startOperatorProcess } from './operator-process.js';

const GIVEN = { WAYBILL_LOCATION: 'dev', WAYBILL_CHANNEL: 'kafka://localhost:9092' };

describe('the configuration of an operator', () => {
  it('needs a location and a channel, and knows the rest', () => {
    expect(readConfiguration([], GIVEN)).toMatchObject({
      location: 'dev',
      channel: 'kafka://localhost:9092',
      kubeconfig: undefined,
      namespace: 'waybill-system',
      listen: { host: '127.0.0.1', port: 7071 },
      identity: expect.stringMatching(/-\d+$/),
      identityIsOurs: false,
      progressDeadlineSeconds: 600,
      driftPolicy: 'Heal',
      driftIntervalSeconds: 600,
      action: 'run',
    });
  });

  it('lets a flag go before its variable', () => {
    const { namespace, driftPolicy } = readConfiguration(['--namespace', 'here', '--drift-policy', 'report'], {
      ...GIVEN,
      WAYBILL_NAMESPACE: 'there',
    });
    expect({ namespace, driftPolicy }).toEqual({ namespace: 'here', driftPolicy: 'Report' });
  });

  it.each([
    [{}, [], 'WAYBILL_LOCATION is not set: say which location this operator serves, such as dev.'],
    [
      { WAYBILL_LOCATION: 'dev' },
      [],
      'WAYBILL_CHANNEL is not set: say where Kafka is, such as kafka://localhost:9092.',
    ],
    [
      { ...GIVEN, WAYBILL_CHANNEL: 'in-process:' },
      [],
      'WAYBILL_CHANNEL=in-process:: give the address of Kafka, such as kafka://localhost:9092.',
    ],
    [
      { ...GIVEN, WAYBILL_CHANNEL: 'kafka+ssl://localhost:9092' },
      [],
      'WAYBILL_CHANNEL=kafka+ssl://localhost:9092: give the address of Kafka, such as kafka://localhost:9092.',
    ],
    [GIVEN, ['--listen', 'x'], '--listen=x: give an address such as 127.0.0.1:7071.'],
    [GIVEN, ['--unique-identity', 'yes'], '--unique-identity=yes: give true or false.'],
    [GIVEN, ['--namespace', 'No'], '--namespace=No: is no name of a namespace.'],
    [GIVEN, ['--drift-policy', 'ignore'], '--drift-policy=ignore: give heal or report.'],
    [GIVEN, ['--progress-deadline', '0'], 'give a whole number of seconds above 0, at most 86400.'],
    [GIVEN, ['--progress-deadline', '-3'], "'--progress-deadline' argument is ambiguous. Flags are --location"],
    [GIVEN, ['--loud'], "Unknown option '--loud'. Flags are --location"],
    [{ ...GIVEN, WAYBILL_CHANNEL: 'redis://me:secret@host' }, [], 'WAYBILL_CHANNEL=redis://…@host: give the address'],
  ])('says in one sentence what is wrong with %j %j', (environment, flags, words) => {
    expect(() => readConfiguration(flags, environment)).toThrow(words);
  });

  it('prints manifests and help without a cluster and without Kafka', () => {
    expect(readConfiguration(['--print-manifests', '--location', 'prod1'], {})).toMatchObject({
      action: 'print-manifests',
      location: 'prod1',
    });
    expect(readConfiguration(['--print-manifests', '--drift-policy', 'report'], {}).settings).toEqual({
      WAYBILL_DRIFT_POLICY: 'report',
    });
    expect(readConfiguration(['--print-manifests', '--without-crd-rules'], {}).crdRules).toBe(false);
    expect(readConfiguration(['--help'], {}).action).toBe('help');
    expect(helpText()).toContain('WAYBILL_LOCATION');
  });

  it('names the variable that holds an address of Kafka that cannot be read', async () => {
    const configuration = readConfiguration([], { ...GIVEN, WAYBILL_CHANNEL: 'kafka://broker?loud=true' });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    await expect(startOperatorProcess(configuration, log)).rejects.toThrow(/^WAYBILL_CHANNEL: /);
  });
});
