import { ROLES, type Variable, flagOf } from './configuration.js';

const VARIABLES: Readonly<Record<Variable, string>> = {
  WAYBILL_DATA: 'data folder; one process at a time (.waybill)',
  WAYBILL_LISTEN: 'address; port 0 takes a free one (127.0.0.1:7070)',
  WAYBILL_EVENT_STORE: 'event store: sqlite: or esdb://… (sqlite:)',
  WAYBILL_VIEWS: 'views: sqlite: or postgres://… (sqlite:)',
  WAYBILL_STATE: 'people, tokens, timers, contents: sqlite: or postgres://… (sqlite:)',
  WAYBILL_CHANNEL: 'channel to the operators: in-process: or kafka://… (in-process:)',
  WAYBILL_ROLES: `what this process does (all: ${ROLES.join(',')})`,
  WAYBILL_CONFIG_INTERVAL: 'seconds between looks at the config repositories (15)',
  WAYBILL_DRIFT_INTERVAL: 'seconds between looks for drift (15)',
  WAYBILL_CHECKPOINT_EVENTS: 'a checkpoint is signed after so many events (1000)',
  WAYBILL_CHECKPOINT_MINUTES: 'and at the latest so many minutes behind the last one (10)',
  WAYBILL_WITNESS: 'who else keeps the checkpoints: git+file:///…, git+ssh://…, git+https://…, https://… (none)',
};

const ACTIONS = [
  ['--new-admin-token', 'write a new admin token to the data folder and end'],
  ['--rotate-key', 'let another key sign checkpoints from here on and end'],
  ['--help', 'print this and end'],
] as const;

/** What `--help` prints: flags with their variables, meanings and (defaults), one a line. */
export function helpText(): string {
  const rows = Object.entries(VARIABLES).map(
    ([variable, meaning]) => [`--${flagOf(variable as Variable)}`, variable, meaning] as const,
  );
  const lines = [...rows, ...ACTIONS.map(([flag, meaning]) => [flag, '', meaning] as const)].map(
    ([flag, variable, meaning]) => `  ${flag.padEnd(21)} ${variable.padEnd(27)} ${meaning}`,
  );
  return ['The Waybill ledger. A flag goes before its variable.', '', ...lines].join('\n');
}
