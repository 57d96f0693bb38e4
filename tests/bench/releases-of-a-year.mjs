import { releaseStreamOf } from '@waybill/domain';
import { derivedId, sha256 } from '@waybill/kernel';

const PROJECTS = 300;
const PEOPLE = 400;
const STEP = { plan: 2_000, end: 90_000 };

/** The same numbers in every run (Mulberry32). @param {number} seed */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const RULES = ['dev', 'feature', 'release', 'prod'].map((tier) => ({
  name: tier,
  kind: tier === 'prod' ? 'tag' : 'branch',
  pattern: null,
  resources: [`kubernetes-${tier}`, `istio-${tier}`],
  tier,
  directory: tier,
  strategy: { type: 'rolling' },
  approvals: 0,
  stages: [],
  onConfigChange: 'nothing',
  onFailure: 'nothing',
}));

/**
 * Events of releases spread over a range, in the order of the log: projects and people of very different diligence, one
 * in twenty unmatched, one in fifteen failed, one in three to two locations.
 * @param {{ releases: number, from: string, to: string }} size
 */
export function* yearOfReleases({ releases, from, to }) {
  const random = randomNumbers(7);
  /** Small numbers far more often than large ones. */
  const skewed = (below) => Math.floor(below * random() ** 3);
  const begin = Date.parse(from);
  const every = (Date.parse(to) - begin) / releases;
  let position = 0;
  for (let project = 0; project < PROJECTS; project++) {
    const metadata = { owner: 'p-owner0001', productLine: `line-${project % 12}`, domains: [], trafficPolicy: {} };
    yield recorded(`project-project-${project}`, 'BusinessMetadataSubmitted', begin, {
      project: `project-${project}`,
      metadata: { ...metadata, approvers: [], notify: [] },
    });
  }
  for (let n = 0; n < releases; n++) {
    const at = begin + Math.floor(n * every);
    const release = derivedId('bench', String(n));
    const project = skewed(PROJECTS);
    const person = `p-person${String(skewed(PEOPLE)).padStart(4, '0')}`;
    const rule = RULES[Math.min(3, skewed(5))];
    const stream = releaseStreamOf(release);
    const one = (type, after, data, role) => recorded(stream, type, at + after, { release, ...data }, person, role);
    yield one(
      'ReleaseRequested',
      0,
      {
        project: `project-${project}`,
        ref: { kind: rule.kind, name: rule.kind === 'tag' ? `v${n}` : rule.name },
        commit: sha256(release).slice(0, 40),
        deliverable: { kind: 'image', image: `registry.example/p${project}`, digest: `sha256:${sha256(release)}` },
        requestedBy: person,
        trigger: random() < 0.03 ? 'rollback' : random() < 0.9 ? 'push' : 'manual',
        reuses: null,
        source: {
          via: random() < 0.8 ? 'cli' : 'graphql',
          pipelineId: String(n),
          jobId: null,
          url: `https://ci.example/p${project}/-/pipelines/${n}`,
          attributes: { team: `team-${project % 40}` },
        },
      },
      random() < 0.9 ? 'developer' : 'devops',
    );
    if (random() < 0.05) {
      yield one('BranchUnmatched', 0, { rulesRevision: 1, reason: 'no-match', closest: null });
      continue;
    }
    yield one('BranchMatched', 0, { rulesRevision: 1, rule, slot: rule.tier });
    const locations = random() < 0.3 ? [`${rule.tier}1`, `${rule.tier}2`] : [`${rule.tier}1`];
    yield one('ReleasePlanned', STEP.plan, {
      metadataRevision: 3,
      resources: locations.flatMap((location) =>
        ['kubernetes', 'istio'].map((kind) => ({ resource: `${kind}-${location}`, kind, location })),
      ),
      stages: [locations],
    });
    const end = STEP.end * (0.2 + 3 * random() ** 4);
    if (random() < 0.066) yield one('ReleaseFailed', end, { failed: [locations[0]] });
    else yield one('ReleaseCompleted', end, { outcome: 'healthy' });
  }

  function recorded(stream, type, at, data, person = 'p-owner0001', role = 'business') {
    position += 1;
    const instant = new Date(at).toISOString();
    const id = String(position);
    return {
      id,
      type,
      version: 1,
      stream,
      revision: 0,
      position: id,
      occurredAt: instant,
      recordedAt: instant,
      actor: { kind: 'person', id: person, roles: [role] },
      commandId: id,
      commandDigest: '',
      correlationId: id,
      causationId: id,
      data,
      previousHash: '',
      hash: '',
    };
  }
}
