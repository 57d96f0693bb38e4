import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningLedger } from './running-ledger.js';

const QUESTIONS = join(__dirname, '..', '..', '..', '..', 'docs', 'questions');

/** A query as the documentation shows it. */
export const question = (name: string): string => readFileSync(join(QUESTIONS, `${name}.graphql`), 'utf8');

/** Asks one of them; fails the test when it is refused. */
export async function answerTo<Data>(
  ledger: RunningLedger,
  name: string,
  variables: Record<string, unknown> = {},
  token?: string,
): Promise<Data> {
  const { data, errors } = await ledger.ask(question(name), { variables, ...(token === undefined ? {} : { token }) });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data as Data;
}
