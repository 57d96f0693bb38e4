import { describe, expect, it } from '@jest/globals';
import { EXAMPLE_MANIFESTS, manifestText, operatorManifests } from './manifests.js';

const deployment = (change: Partial<typeof EXAMPLE_MANIFESTS>): string =>
  manifestText(operatorManifests({ ...EXAMPLE_MANIFESTS, ...change })['deployment.yaml']!);

describe('the manifests of an operator', () => {
  it('pass on what was given', () => {
    expect(deployment({ settings: { WAYBILL_DRIFT_POLICY: 'report' } })).toMatch(
      /name: WAYBILL_DRIFT_POLICY\n +value: report/,
    );
  });

  it('take the password of Kafka from a Secret where the address needs one', () => {
    expect(deployment({})).not.toContain('WAYBILL_KAFKA_PASSWORD');
    expect(deployment({ channel: 'kafka://broker:9092?ssl=true&sasl=plain&user=me' })).toMatch(
      /name: WAYBILL_KAFKA_PASSWORD\n +valueFrom:\n +secretKeyRef:\n +name: waybill-kafka\n +key: password/,
    );
  });
});
