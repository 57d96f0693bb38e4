import type { DeploymentEvent } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { rolloutSentence } from '../rollout-sentences.js';
import { count, deploymentOf, short, stripped } from './telling.js';

export function deploymentSentence(event: DeploymentEvent): string {
  const what = deploymentOf(event.data);
  switch (event.type) {
    case 'DeploymentAccepted':
      return `The operator of ${event.data.environment.location} took on ${what}.`;
    case 'ManifestsAdapted':
      return `${what} was adapted to ${count(event.data.objects.length, 'object')}.`;
    case 'ManifestsApplied': {
      const { commit, durationMs } = event.data;
      return `${what} was applied${commit ? ` as commit ${short(commit)}` : ''} in ${Math.round(durationMs)} ms.`;
    }
    case 'DeploymentRolledOut':
      return `${what} was rolled out in ${Math.round(event.data.durationMs)} ms.`;
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
      return rolloutSentence(event, what);
    case 'ObjectsPruned':
      return `${what} removed ${count(event.data.objects.length, 'object')} that it no longer needs: ${event.data.objects.map(objectWords).join(', ')}.`;
    case 'DeploymentDelivered':
      return `${what} stands in the repository of its location, commit ${short(event.data.commit)}.`;
    case 'DeploymentHealthy':
      return `${what} is rolled out and healthy.`;
    case 'DeploymentDelayed':
      return `${what} is tried again (attempt ${event.data.attempt}), ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DeploymentFailed':
      return `${what} failed, ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DeploymentRejected':
      return `${what} was rejected and nothing was changed, ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DriftDetected': {
      const { paths, commit } = event.data;
      return `Somebody changed what ${what} had applied${commit ? `, commit ${short(commit)}` : ''}: ${paths.join(', ')}.`;
    }
    case 'DriftHealed':
      return `What stands there is again what ${what} had applied.`;
    case 'DeploymentRemoved':
      return `${what} removed everything of the environment.`;
    default:
      return assertNever(event);
  }
}

const objectWords = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind} ${name}`;
