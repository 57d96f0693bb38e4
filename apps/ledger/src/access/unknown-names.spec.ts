import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMIT, IMAGE, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger();
  await setUpShop(ledger);
}, 60_000);
afterAll(() => ledger.stop());

describe('a name that nobody has', () => {
  it.each([
    ['environments', '{ environments(filter: { project: "shoop" }) { totalCount } }', 'no project is called shoop'],
    ['environments at', '{ environments(filter: { location: "moon" }) { totalCount } }', 'no location is called moon'],
    ['releases', '{ releases(filter: { project: "shoop" }) { totalCount } }', 'no project is called shoop'],
    ['releases at', '{ releases(filter: { location: "moon" }) { totalCount } }', 'no location is called moon'],
    ['deployments', '{ deployments(filter: { project: "shoop" }) { totalCount } }', 'no project is called shoop'],
    ['resources', '{ resources(location: "moon") { totalCount } }', 'no location is called moon'],
    ['events', '{ events(stream: "project-shoop") { totalCount } }', 'no stream is called project-shoop'],
    [
      'createToken',
      'mutation { createToken(input: { person: "anna", roles: [BUSINESS], project: "shoop" }) { tokenId } }',
      'no project is called shoop',
    ],
    [
      'grantRole',
      'mutation { grantRole(input: { principal: "anna", role: BUSINESS, project: "shoop" }) { position } }',
      'no project is called shoop',
    ],
  ])('is an error and no silence: %s', async (_what, query, message) => {
    const { errors } = await ledger.ask(query);
    expect(errors).toMatchObject([{ message, extensions: { code: 'NOT_FOUND', hint: expect.any(String) } }]);
  });

  it('is no error for a project and a location that have nothing yet', async () => {
    const { errors, data } = await ledger.ask(
      '{ environments(filter: { project: "shop", location: "dev" }) { totalCount } releases(filter: { project: "Shop" }) { totalCount } }',
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({ environments: { totalCount: 0 }, releases: { totalCount: 0 } });
  });

  it.each(['p-nobody', 'p-0000000000000000'])('is refused as the owner when it looks like an id: %s', async (owner) => {
    const { errors } = await ledger.ask(
      'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }',
      {
        variables: {
          input: {
            project: 'shop',
            section: 'BUSINESS',
            metadata: { owner: 'newcomer', productLine: 'retail', approvers: [owner] },
          },
        },
      },
    );
    expect(errors[0]?.extensions.fields).toEqual([
      { field: 'metadata.approvers.0', message: `nobody has the id ${owner}` },
    ]);
    expect(await ledger.process.parts.operations.people.findByLogin('newcomer')).toBeUndefined();
  });
});

describe('a deliverable of another kind than the project has', () => {
  const RPM = { kind: 'rpm', package: 'shop', version: '1.0.0-1' };
  const REQUEST = 'mutation ($input: RequestReleaseInput!) { requestRelease(input: $input) { release { id } } }';
  const REFUSED = {
    code: 'BAD_USER_INPUT',
    fields: [{ field: 'deliverable.kind', message: 'is rpm, the developer metadata says image' }],
  };

  it('is refused when the release is asked for, and when it is provided later', async () => {
    const input = { project: 'shop', ref: { name: 'dev' }, commit: COMMIT };
    const asked = await ledger.ask(REQUEST, { variables: { input: { ...input, deliverable: RPM } } });
    expect(asked.errors).toMatchObject([{ extensions: REFUSED }]);

    const { data } = await ledger.ask(REQUEST, { variables: { input } });
    const { id } = (data!['requestRelease'] as { release: { id: string } }).release;
    const provide =
      'mutation ($input: ProvideDeliverableInput!) { provideDeliverable(input: $input) { release { deliverable } } }';
    const late = await ledger.ask(provide, { variables: { input: { release: id, deliverable: RPM } } });
    expect(late.errors).toMatchObject([{ extensions: REFUSED }]);
    const fitting = await ledger.ask(provide, { variables: { input: { release: id, deliverable: IMAGE } } });
    expect(fitting.data).toEqual({ provideDeliverable: { release: { deliverable: IMAGE } } });
  });
});
