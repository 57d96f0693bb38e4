import type { EnvironmentId } from './vocabulary.js';

export const projectStreamOf = (project: string): string => `project-${project}`;
export const locationStreamOf = (location: string): string => `location-${location}`;
export const releaseStreamOf = (release: string): string => `release-${release}`;
export const incidentStreamOf = (incident: string): string => `incident-${incident}`;
export const accessStreamOf = (principal: string): string => `access-${principal}`;

/** Streams that there is one of. */
export const LEDGER_STREAM = 'ledger';
export const CHECKPOINT_STREAM = 'checkpoint';

/** `<project>.<slot>@<location>`, the name people read and type. */
export const environmentName = ({ project, slot, location }: EnvironmentId): string => `${project}.${slot}@${location}`;

export const environmentStreamOf = (environment: EnvironmentId): string =>
  `environment-${environmentName(environment)}`;

export const deploymentStreamOf = (environment: EnvironmentId, generation: number): string =>
  `deployment-${environmentName(environment)}.${generation}`;

/** Parses `<project>.<slot>@<location>`; undefined when it is not one. */
export function parseEnvironmentName(name: string): EnvironmentId | undefined {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)@([a-z0-9-]+)$/.exec(name);
  return match ? { project: match[1]!, slot: match[2]!, location: match[3]! } : undefined;
}

/** Category of a stream: what stands before the first hyphen, or all of it. */
export function categoryOf(stream: string): string {
  const hyphen = stream.indexOf('-');
  return hyphen === -1 ? stream : stream.slice(0, hyphen);
}
