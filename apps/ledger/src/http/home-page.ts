import type { EnvironmentRow } from '@waybill/views';
import type { Overview } from './overview.js';
import { type Page, escapeHtml } from './page.js';

/** A page of a few sentences; what stands between backticks is shown as code. */
export function wordsPage(sentences: readonly string[]): Page {
  const paragraphs = sentences.map(
    (sentence) => `<p>${escapeHtml(sentence).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`,
  );
  return frame(paragraphs.join('\n'));
}

export function homePage({ projects, releases, environments }: Overview): Page {
  return frame(
    [
      '<h2>Projects</h2>',
      table(
        ['project', 'name', 'rules', 'missing'],
        projects.map(({ key, name, rules, missing }) => [
          key,
          name,
          String(rules.length),
          missing.map(({ section, field }) => `${section} ${field}`).join(', ') || '–',
        ]),
      ),
      '<h2>Environments</h2>',
      matrix(environments),
      '<h2>Releases, newest first</h2>',
      table(
        ['release', 'project', 'ref', 'commit', 'state', 'reason', 'requested'],
        releases.map(({ id, project, ref, commit, state, reason, requestedAt }) => [
          id.slice(0, 8),
          project,
          ref,
          commit.slice(0, 8),
          state.toLowerCase(),
          reason,
          requestedAt,
        ]),
      ),
      '<h2>Query</h2>',
      '<textarea id="query" rows="8" cols="80" spellcheck="false">{ ledger { id position } }</textarea>',
      '<p><button id="run">Run</button></p>',
      '<pre id="answer"></pre>',
    ].join('\n'),
    QUERY_SCRIPT,
  );
}

function matrix(environments: readonly EnvironmentRow[]): string {
  const locations = [...new Set(environments.map(({ location }) => location))].sort();
  const rows = new Map<string, Map<string, EnvironmentRow>>();
  for (const environment of environments) {
    const name = `${environment.project}.${environment.slot}`;
    rows.set(name, (rows.get(name) ?? new Map<string, EnvironmentRow>()).set(environment.location, environment));
  }
  return table(
    ['', ...locations],
    [...rows].map(([name, byLocation]) => [
      name,
      ...locations.map((location) => {
        const environment = byLocation.get(location);
        return environment
          ? `${environment.state} · ${environment.generation}${environment.drift ? ' · drift' : ''}`
          : '';
      }),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None yet.</p>';
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<table>\n${cells('th', head)}\n${rows.map((row) => cells('td', row)).join('\n')}\n</table>`;
}

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 80rem; }
  table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
  th { font-weight: 600; border-bottom: 1px solid #888; } textarea, pre, code { font-family: ui-monospace, monospace; }
  @media (prefers-color-scheme: dark) { body { background: #16181c; color: #e6e6e6; } textarea { background: #222; color: inherit; } }
`;

const QUERY_SCRIPT = `
  const answer = document.getElementById('answer');
  document.getElementById('run').addEventListener('click', async () => {
    const query = document.getElementById('query').value;
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  });
`;

function frame(body: string, script?: string): Page {
  return (nonce) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Waybill</title><meta name="viewport" content="width=device-width">
<style nonce="${nonce}">${STYLE}</style></head>
<body>
<h1>Waybill</h1>
${body}
${script === undefined ? '' : `<script nonce="${nonce}">${script}</script>`}
</body>
</html>
`;
}
