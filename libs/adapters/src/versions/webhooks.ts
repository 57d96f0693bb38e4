import { isRecord, listAt, textAt } from '../deliver/cluster/json-fields.js';
import { type VersionRule, guide, untranslatable } from './rule.js';

export const WEBHOOKS: readonly VersionRule[] = [
  {
    kinds: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    from: 'admissionregistration.k8s.io/v1beta1',
    to: 'admissionregistration.k8s.io/v1',
    changes:
      'Written out for each webhook: `failurePolicy` Ignore, `matchPolicy` Exact, `timeoutSeconds` 30, ' +
      '`admissionReviewVersions` v1beta1. One whose `sideEffects` are not None or NoneOnDryRun cannot be written.',
    source: guide('v1.22'),
    translate: (object) => ({
      ...object,
      webhooks: listAt(object, 'webhooks').map((webhook, i) => {
        const sideEffects = textAt(webhook, 'sideEffects') ?? 'Unknown';
        if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
          throw untranslatable(`webhooks[${i}].sideEffects is ${sideEffects}: v1 takes None and NoneOnDryRun`);
        }
        return {
          failurePolicy: 'Ignore',
          matchPolicy: 'Exact',
          timeoutSeconds: 30,
          admissionReviewVersions: ['v1beta1'],
          ...(isRecord(webhook) ? webhook : {}),
        };
      }),
    }),
  },
];
