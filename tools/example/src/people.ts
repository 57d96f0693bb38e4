import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './client.js';
import { Refusal } from './client.js';

export const PEOPLE = [
  { login: 'alice', name: 'Alice Archer', role: 'DEVELOPER' },
  { login: 'bob', name: 'Bob Baker', role: 'BUSINESS' },
  { login: 'carol', name: 'Carol Carter', role: 'DEVOPS' },
] as const;
export type Login = (typeof PEOPLE)[number]['login'];

/**
 * A client for each person. Their tokens are kept in a file that only the owner may read; a token that was made but
 * lost (killed between the answer and the file) cannot be had again, so another one is made.
 */
export async function admitPeople(admin: Client, folder: string): Promise<Record<Login, Client>> {
  const file = join(folder, 'tokens.json');
  const tokens = readTokens(file);
  for (const person of PEOPLE) {
    const kept = tokens[person.login];
    if (kept !== undefined && (await isGood(admin.as(kept)))) continue;
    const { createToken } = await admin.ask<{ createToken: { token: string } }>(
      `mutation Admit($input: CreateTokenInput!) { createToken(input: $input) { token position } }`,
      { input: { roles: [person.role], project: 'a', person: person.login, name: person.name } },
    );
    tokens[person.login] = createToken.token;
    writeFileSync(`${file}.new`, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const clientOf = (login: Login): Client => admin.as(tokens[login] ?? '');
  return { alice: clientOf('alice'), bob: clientOf('bob'), carol: clientOf('carol') };
}

function readTokens(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

async function isGood(client: Client): Promise<boolean> {
  try {
    await client.ask(`query Me { me { id } }`);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
