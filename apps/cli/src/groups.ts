import type { Command } from 'commander';
import type { World } from './world.js';

export interface Group {
  readonly heading: string;
  /** Names and one-line summaries, as the root help shows them. */
  readonly commands: readonly (readonly [name: string, summary: string])[];
  readonly load: () => Promise<{ register: (program: Command, world: World) => void }>;
}

/** One entry a file under commands/. */
export const GROUPS: readonly Group[] = [
  {
    heading: 'Release:',
    commands: [
      ['release', 'ask for a release of a branch or tag'],
      ['provide', 'give a release its deliverable'],
    ],
    load: () => import('./commands/release.js'),
  },
  {
    heading: 'Release:',
    commands: [
      ['approve', 'agree to a release that waits for approval'],
      ['refuse', 'refuse a release that waits for approval'],
      ['cancel', 'cancel a release; what is deployed stays'],
      ['rollback', 'release again what ran before'],
    ],
    load: () => import('./commands/decide.js'),
  },
  {
    heading: 'Release:',
    commands: [
      ['promote', 'let a rollout in steps go on now'],
      ['pause', 'have a rollout in steps stay as it is'],
      ['resume', 'have a paused rollout go on'],
      ['abort', 'take a rollout back to what ran before'],
    ],
    load: () => import('./commands/rollout.js'),
  },
  {
    heading: 'Release:',
    commands: [['watch', 'follow a release until it is done']],
    load: () => import('./commands/watch.js'),
  },
  {
    heading: 'Look:',
    commands: [
      ['releases', 'list and show releases'],
      ['history', 'what was released, newest first'],
    ],
    load: () => import('./commands/releases.js'),
  },
  {
    heading: 'Look:',
    commands: [['search', 'find releases by anything that belongs to them']],
    load: () => import('./commands/search.js'),
  },
  {
    heading: 'Look:',
    commands: [['status', 'what runs where']],
    load: () => import('./commands/status.js'),
  },
  {
    heading: 'Look:',
    commands: [['why', 'the chain of events that led to a release, deployment or event']],
    load: () => import('./commands/why.js'),
  },
  {
    heading: 'Look:',
    commands: [['why-not', 'why a push did not deploy']],
    load: () => import('./commands/why-not.js'),
  },
  {
    heading: 'Look:',
    commands: [['diff', 'what differs between two places, deployments or moments']],
    load: () => import('./commands/diff.js'),
  },
  {
    heading: 'Look:',
    commands: [['events', 'read the log']],
    load: () => import('./commands/events.js'),
  },
  {
    heading: 'Look:',
    commands: [
      ['stats', 'count and time releases, deployments and drifts'],
      ['dora', 'DORA’s metrics, by a named definition'],
    ],
    load: () => import('./commands/stats.js'),
  },
  {
    heading: 'Look:',
    commands: [['incident', 'what went wrong, what caused it, and until when']],
    load: () => import('./commands/incident.js'),
  },
  {
    heading: 'Look:',
    commands: [['render', 'print exactly what would be applied for a ref']],
    load: () => import('./commands/render.js'),
  },
  {
    heading: 'Projects:',
    commands: [['project', 'create, show and complete projects']],
    load: () => import('./commands/project.js'),
  },
  {
    heading: 'Projects:',
    commands: [['rules', 'set, show and test branch rules']],
    load: () => import('./commands/rules.js'),
  },
  {
    heading: 'Projects:',
    commands: [['config', 'read the config repositories now']],
    load: () => import('./commands/config.js'),
  },
  {
    heading: 'Places:',
    commands: [['location', 'onboard, change, list and retire locations']],
    load: () => import('./commands/location.js'),
  },
  {
    heading: 'Places:',
    commands: [['resource', 'onboard, change, list and retire resources']],
    load: () => import('./commands/resource.js'),
  },
  {
    heading: 'Places:',
    commands: [['dead-letters', 'records of operators that nobody could take']],
    load: () => import('./commands/dead-letters.js'),
  },
  {
    heading: 'Places:',
    commands: [
      ['environment', 'show and remove environments'],
      ['branch', 'say that a branch is gone: its environments are removed'],
    ],
    load: () => import('./commands/environment.js'),
  },
  {
    heading: 'Access:',
    commands: [
      ['whoami', 'who you are, what you may do, and which ledger this is'],
      ['token', 'create and revoke tokens'],
      ['grant', 'give a person or service a role'],
      ['revoke-role', 'take a role away again'],
      ['person', 'list people and erase their names'],
      ['login-link', 'a link that logs a browser in once'],
    ],
    load: () => import('./commands/access.js'),
  },
  {
    heading: 'Evidence:',
    commands: [['export', 'write the whole log to an archive']],
    load: () => import('./commands/export.js'),
  },
  {
    heading: 'Evidence:',
    commands: [['verify', 'check an archive or a proof without the ledger']],
    load: () => import('./commands/verify.js'),
  },
  {
    heading: 'Evidence:',
    commands: [['prove', 'print a proof that an event stands in the sealed log']],
    load: () => import('./commands/prove.js'),
  },
  {
    heading: 'Evidence:',
    commands: [
      ['key', 'print the public key that signs checkpoints'],
      ['checkpoint', 'print the newest signed checkpoint'],
    ],
    load: () => import('./commands/key.js'),
  },
  {
    heading: 'Other:',
    commands: [['rebuild', 'replay the log into fresh views']],
    load: () => import('./commands/rebuild.js'),
  },
];
