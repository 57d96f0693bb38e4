import { expect, it } from '@jest/globals';
import { presetRules } from '@waybill/domain';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onEveryEngine, withClient } from '../testing/engines.js';
import { follow } from '../testing/following.js';
import { allEvents, openedViews, temporaryPlace } from '../testing/open-story.js';
import { releaseId } from '../testing/samples.js';
import { createStory } from '../testing/story.js';
import { bucketOf, midpointOf } from './histogram.js';

const NOW = '2026-01-06T00:00:00.000Z';

/**
 * `approval_time` came with version 2 of the projection: docs/statistics.md shows it as the way to a new measure. Nothing
 * but the events of old is there to tell it from.
 */
onEveryEngine('a measure that did not exist yet', (engine) => {
  it('is known for all that happened before, after the views were built anew', async () => {
    const story = createStory();
    const rules = presetRules('gitflow').map((rule) => ({ ...rule, approvals: 1 }));
    await story.request(releaseId(1), 'a', { kind: 'branch', name: 'dev' }, { rules });
    await story.config(releaseId(1));
    await story.evaluate(releaseId(1), ['dev']);
    await story.project('meanwhile');
    await story.project('and-more');
    await story.approve(releaseId(1));
    await story.evaluate(releaseId(1), ['dev']);

    const place = await temporaryPlace();
    const older = await openedViews(place);
    await older.project(await allEvents(story), story.store.ledgerId);
    await older.close();
    // What an upgrade finds: views whose shape is that of another version.
    if (engine === 'SQLite') {
      const pointer = join(place.folder, 'views.json');
      writeFileSync(pointer, readFileSync(pointer, 'utf8').replace(/"schema":"[0-9a-f]+"/, '"schema":"of version 1"'));
    } else {
      await withClient(place.url, async (client) => {
        await client.query(`update waybill_views.databases set shape = 'of version 1' where ledger = $1`, [
          place.ledger,
        ]);
      });
    }

    const views = await openedViews(place);
    expect(views.position()).toBeUndefined();
    follow(views, story.store);
    await views.waitFor((await story.store.lastPosition())!, 5000);
    const { total } = await views.statistics.ask(
      { measures: ['approval_time', 'releases'], from: '2026-01-05', to: '2026-01-06' },
      NOW,
    );
    // Held, two projects, the approval, the plan: a second each.
    expect(total.values.map(({ value }) => value)).toEqual([midpointOf(bucketOf(4000)), 1]);
  });
});
