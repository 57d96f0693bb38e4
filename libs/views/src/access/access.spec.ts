import { expect, it } from '@jest/globals';
import { derivedId } from '@waybill/kernel';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';

const PERSON = 'p-person001';
const SERVICE = 's-service01';
const TOKEN = derivedId('token');

onEveryEngine('access', () => {
  it('tells grants in one order and tokens without material', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.grant(PERSON, 'developer', 'b');
    await story.grant(PERSON, 'developer', 'a');
    await story.grant(PERSON, 'admin', '*');
    const token = await story.token(PERSON, TOKEN);
    await story.token(SERVICE, derivedId('other'));
    await caughtUp();
    expect(await views.access.principal(PERSON)).toEqual({
      id: PERSON,
      kind: 'person',
      grants: [
        { role: 'admin', scope: '*' },
        { role: 'developer', scope: 'a' },
        { role: 'developer', scope: 'b' },
      ],
      tokens: [
        {
          id: TOKEN,
          principal: PERSON,
          createdAt: token.events[0]!.recordedAt,
          expiresAt: null,
          revokedAt: null,
        },
      ],
    });
    await story.revoke(PERSON, 'developer', 'b');
    const revoked = await story.revokeToken(PERSON, TOKEN);
    await caughtUp();
    expect(await views.access.token(TOKEN)).toMatchObject({ revokedAt: revoked.events[0]!.recordedAt });
    expect((await views.access.principal(PERSON))?.grants).toHaveLength(2);
    const listed = await views.access.list();
    expect(listed.nodes.map(({ id, kind, tokens }) => [id, kind, tokens.length])).toEqual([
      [PERSON, 'person', 1],
      [SERVICE, 'service', 1],
    ]);
    expect(await views.access.principal('p-nobody001')).toBeUndefined();
  });
});
