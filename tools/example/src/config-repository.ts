import type { Branch } from './fast-import.js';

const DEV = `# The newest state of A: one instance, talkative.
replicas: 1
cpu: 100m
memory: 64Mi
env:
  LOG_LEVEL: debug
`;

const APP_PROPERTIES = `greeting.language=en
greeting.colour=blue
`;

const FEATURE = `# Every feature branch that has no directory of its own.
replicas: 1
cpu: 100m
memory: 64Mi
env:
  LOG_LEVEL: debug
  FEATURES: "on"
`;

const FEATURE_LOGIN = `# feature-login needs two instances to test sessions.
replicas: 2
cpu: 200m
memory: 128Mi
env:
  LOG_LEVEL: debug
  SESSION_MINUTES: "15"
`;

const RELEASE = `replicas: 2
cpu: 250m
memory: 128Mi
env:
  LOG_LEVEL: info
`;

const LONG_TERM = `replicas: 3
cpu: 250m
memory: 128Mi
env:
  LOG_LEVEL: info
  SUPPORT: long-term
`;

const PRODUCTION = `replicas: 4
cpu: 500m
memory: 256Mi
env:
  LOG_LEVEL: warn
  DATABASE_PASSWORD:
    from: a-database/password
`;

const BUDGET = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: a-budget
spec:
  minAvailable: 2
  selector:
    matchLabels:
      waybill.dev/project: a
      waybill.dev/slot: prod
`;

/** The configuration of A by ref: `<project>/<directory>/`. */
export const CONFIG: readonly Branch[] = [
  {
    name: 'main',
    from: undefined,
    commits: [
      {
        message: 'Configure A for every place it runs in',
        files: {
          'README.md': 'Configuration of services, one directory a project and ref.\n',
          'a/dev/waybill.yaml': DEV,
          'a/dev/app.properties': APP_PROPERTIES,
          'a/feature/waybill.yaml': FEATURE,
          'a/release/waybill.yaml': RELEASE,
          'a/lt/waybill.yaml': LONG_TERM,
          'a/tag/waybill.yaml': PRODUCTION,
          'a/tag/manifests/disruption-budget.yaml': BUDGET,
        },
      },
      { message: 'Give feature-login a second instance', files: { 'a/feature-login/waybill.yaml': FEATURE_LOGIN } },
    ],
  },
];
