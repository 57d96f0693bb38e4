import type { Kysely } from 'kysely';
import type { Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { answerOf, type StatisticsAnswer } from './answer.js';
import { Facts } from './facts.js';
import { planOf, type StatisticsQuestion } from './question.js';
import { scan } from './scan.js';

export interface StatisticsQueries {
  /** `now` ends a range without an end. Throws `INVALID_INPUT` naming what is wrong with the question. */
  ask(question: StatisticsQuestion, now: string): Promise<StatisticsAnswer>;
  /** Like `ask`, without a limit on its rows unless the question has one. */
  askAll(question: StatisticsQuestion, now: string): Promise<StatisticsAnswer>;
}

/** Rows of an export: as many as there are facts, at most. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

export function statisticsQueries(read: Read): StatisticsQueries {
  /** Of each database that was asked: one that was left takes its facts along. */
  const known = new WeakMap<Kysely<Schema>, Facts>();
  const ask = (question: StatisticsQuestion, now: string, maxRows?: number): Promise<StatisticsAnswer> => {
    const plan = planOf(question, now, maxRows);
    return read(async (db) => {
      let facts = known.get(db);
      if (!facts) known.set(db, (facts = new Facts()));
      await facts.refresh(db);
      return answerOf(plan, scan(facts, plan));
    });
  };
  return {
    ask: async (question, now) => ask(question, now),
    askAll: async (question, now) => ask({ ...question, limit: question.limit ?? UNLIMITED }, now, UNLIMITED),
  };
}
