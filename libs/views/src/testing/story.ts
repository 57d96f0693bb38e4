import { accessStory } from './access-story.js';
import { environmentStory } from './environment-story.js';
import { incidentStory } from './incident-story.js';
import { locationStory } from './location-story.js';
import { projectStory } from './project-story.js';
import { releaseStory } from './release-story.js';
import { createTelling } from './telling.js';

/** A ledger in memory that is told by the real deciders: events as the product writes them. */
export function createStory() {
  const { store, tell } = createTelling();
  const orders = new Map<string, number>();
  return {
    store,
    ...projectStory(tell),
    ...locationStory(tell),
    ...releaseStory(tell, orders),
    ...environmentStory(tell, store, orders),
    ...incidentStory(tell),
    ...accessStory(tell),
  };
}

export type Story = ReturnType<typeof createStory>;
