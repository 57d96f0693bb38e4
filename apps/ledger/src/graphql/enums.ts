import { Kind, parse } from 'graphql';

/** States of a release are capitals inside too. */
const AS_WRITTEN = new Set(['ReleaseState']);

/**
 * Resolver maps that let every enum of the SDL stand for the domain's lower-case word: `BRANCH` outside, `branch`
 * inside. `generate.mjs` gives the types the same words.
 */
export function enumWords(sdl: string): Record<string, Record<string, string>> {
  const words: Record<string, Record<string, string>> = {};
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || AS_WRITTEN.has(definition.name.value)) continue;
    words[definition.name.value] = Object.fromEntries(
      (definition.values ?? []).map(({ name }) => [name.value, name.value.toLowerCase()]),
    );
  }
  return words;
}
