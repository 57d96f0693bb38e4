import { defineTable, integer, text } from '../table.js';

/**
 * What a release is found by that may be there several times: people who had a say, and attributes. What a release has
 * one of is found by the column of its row.
 */
export const releaseTermTable = defineTable({
  name: 'release_terms',
  key: 'id',
  columns: {
    id: text(),
    /** As {@link personTerm} and {@link attributeTerm} write it. */
    term: text(),
    release: text(),
    /** Of the release, so that the newest ones are found first. */
    position: integer(),
  },
  indexes: [{ columns: ['term', 'position'] }],
});

export const personTerm = (id: string): string => `person:${id}`;

export const attributeTerm = (name: string, value: string): string => `attribute:${name}=${value}`;

export const releaseTermId = (release: string, term: string): string => `${release} ${term}`;
