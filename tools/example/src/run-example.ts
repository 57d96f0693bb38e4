import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, type AccountPlace } from './account.js';
import type { Client } from './client.js';
import { type Delivery, LOCATIONS, onboardPlaces } from './places.js';
import { registerProject } from './project.js';
import { awaitRelease, type ExampleRelease, readRelease, requestSample, SAMPLES } from './releases.js';
import { makeRepositories } from './repositories.js';

const RELEASE_TIMEOUT_MS = 120_000;

export interface ExampleSettings {
  readonly admin: Client;
  readonly place: AccountPlace;
  readonly delivery: Delivery;
  /** The account, for people and tests. */
  readonly out: (text: string) => void;
  /** Progress. */
  readonly err: (text: string) => void;
}

/** Written when every step was done: what a later start only has to show. */
interface Finished {
  readonly ledger: string;
  readonly releases: readonly string[];
}

/**
 * Sends the reference example through the ledger, by its API alone. Every step may be repeated: a run that was killed
 * is finished by the next one, and a run after that finds everything again.
 */
export async function runExample(settings: ExampleSettings): Promise<readonly ExampleRelease[]> {
  const { admin, place, delivery, err } = settings;
  const { ledger } = await admin.ask<{ ledger: { id: string } }>(`query Ledger { ledger { id } }`);
  const finished = readFinished(place.folder);
  if (finished?.ledger === ledger.id) return showAgain(settings, finished);

  err('Making a sample service and its configuration …\n');
  mkdirSync(place.folder, { recursive: true });
  const repositories = makeRepositories(place.folder, delivery);
  err(`Onboarding ${LOCATIONS.length} locations with their resources …\n`);
  await onboardPlaces(admin, ledger.id, place.folder, delivery);
  err('Registering project A: alice, bob and carol say what they know …\n');
  const { alice } = await registerProject(admin, ledger.id, place.folder, repositories);

  const releases: ExampleRelease[] = [];
  for (const [index, sample] of SAMPLES.entries()) {
    err(`Pushing ${sample.ref} (${index + 1} of ${SAMPLES.length}) …\n`);
    const asked = await requestSample(alice, ledger.id, repositories.service, sample);
    const release = await awaitRelease(alice, asked.id, RELEASE_TIMEOUT_MS);
    settings.out(`\n${accountOf(release, place)}`);
    releases.push(release);
  }
  writeFinished(place.folder, { ledger: ledger.id, releases: releases.map(({ id }) => id) });
  return releases;
}

async function showAgain({ admin, place, out }: ExampleSettings, finished: Finished): Promise<ExampleRelease[]> {
  out('\nThe reference example, found again in the ledger:\n');
  const releases: ExampleRelease[] = [];
  for (const id of finished.releases) {
    const release = await readRelease(admin, id);
    out(`\n${accountOf(release, place)}`);
    releases.push(release);
  }
  return releases;
}

const finishedFile = (folder: string): string => join(folder, 'finished.json');

function readFinished(folder: string): Finished | undefined {
  try {
    return JSON.parse(readFileSync(finishedFile(folder), 'utf8')) as Finished;
  } catch {
    return undefined;
  }
}

function writeFinished(folder: string, finished: Finished): void {
  const file = finishedFile(folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(finished, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
