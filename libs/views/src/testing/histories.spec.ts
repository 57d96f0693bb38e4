import { expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import fc from 'fast-check';
import { histories, tell } from './histories.js';
import { allEvents } from './open-story.js';
import { projections } from '../schema.js';
import { createStory } from './story.js';

it('random histories hold every type of event that is projected', async () => {
  const types = new Set<string>();
  for (const steps of fc.sample(histories(250), { numRuns: 80, seed: 1 })) {
    const story = createStory();
    await tell(story, steps);
    for (const event of await allEvents(story)) types.add(event.type);
  }
  const projected = new Set(projections.flatMap(({ on }) => Object.keys(on)));
  const streams = catalogue.streams.filter(({ category }) => projected.has(category));
  expect([...types].sort()).toEqual(streams.flatMap((stream) => Object.keys(stream.events)).sort());
}, 60_000);
