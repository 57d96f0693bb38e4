import { type Branch, type Commit, type Tag } from './fast-import.js';

const server = (greeting: string): string => `import { createServer } from 'node:http';

createServer((request, response) => {
  const path = request.url ?? '/';
  response.writeHead(path === '/' || path === '/healthz' || path === '/readyz' ? 200 : 404);
  response.end(path === '/' ? ${JSON.stringify(`${greeting}\n`)} : '');
}).listen(8080);
`;

const DOCKERFILE = `FROM node:24-slim
COPY src /srv
USER node
EXPOSE 8080
CMD ["node", "/srv/server.js"]
`;

/** A sample service, one commit a branch on top of another, dates fixed: the commit ids are the same everywhere. */
export const SERVICE: { readonly branches: readonly Branch[]; readonly tags: readonly Tag[] } = {
  branches: [
    branch('main', undefined, {
      message: 'Answer a greeting over HTTP',
      files: {
        'README.md': '# A\n\nThe sample service of Waybill.\n',
        Dockerfile: DOCKERFILE,
        'src/server.js': server('Hello from A'),
      },
    }),
    branch('dev', 'main', {
      message: 'Say that this is the next version',
      files: { 'src/server.js': server('Hello from A, next') },
    }),
    branch('feature-login', 'dev', {
      message: 'Greet who is logged in',
      files: { 'src/server.js': server('Hello from A, you are logged in') },
    }),
    branch('feature-pay', 'dev', {
      message: 'Take a payment',
      files: { 'src/server.js': server('Hello from A, thank you for paying') },
    }),
    branch('release-1.2', 'dev', {
      message: 'Prepare version 1.2',
      files: { 'src/server.js': server('Hello from A 1.2') },
    }),
    branch('lt-3', 'release-1.2', {
      message: 'Keep version 1.2 for the long term',
      files: { 'src/server.js': server('Hello from A 1.2 LT 3') },
    }),
    branch('hotfix-x', 'main', {
      message: 'Mend the greeting',
      files: { 'src/server.js': server('Hello again from A') },
    }),
  ],
  tags: [{ name: 'v1.2.0', on: 'release-1.2', message: 'Version 1.2.0' }],
};

function branch(name: string, from: string | undefined, commit: Commit): Branch {
  return { name, from, commits: [commit] };
}
