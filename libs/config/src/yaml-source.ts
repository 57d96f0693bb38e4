import {
  type Document,
  LineCounter,
  type Scalar,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
} from 'yaml';
import type { z } from 'zod';

/** One YAML document with the lines its parts stand on. */
export interface YamlSource {
  readonly value: unknown;
  /** Line of the value at a path, or of the nearest part around it that is written there. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** The first thing wrong with a text as YAML. */
export interface YamlFault {
  readonly line: number;
  readonly message: string;
}

/** Faults are reported by us, with their line; nothing is written to the process's warnings. */
const OPTIONS = { prettyErrors: false, logLevel: 'error' } as const;

export function readYaml(text: string): YamlSource | YamlFault {
  const lines = new LineCounter();
  return toSource(parseDocument(text, { ...OPTIONS, lineCounter: lines }), lineAt(text, lines));
}

/** Every document of a file that holds anything. */
export function readYamlDocuments(text: string): YamlSource[] | YamlFault {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...OPTIONS, lineCounter: lines });
  const sources: YamlSource[] = [];
  for (const document of documents) {
    const source = toSource(document, lineAt(text, lines));
    if (isFault(source)) return source;
    if (source.value !== null && source.value !== undefined) sources.push(source);
  }
  return sources;
}

export function isFault(read: YamlSource | YamlSource[] | YamlFault): read is YamlFault {
  return 'message' in read;
}

/** A fault at the very end is one of the last line that holds anything. */
function lineAt(text: string, lines: LineCounter): (offset: number) => number {
  const end = text.trimEnd().length;
  return (offset) => Math.max(1, lines.linePos(Math.min(offset, end)).line);
}

function toSource(document: Document.Parsed, lineOf: (offset: number) => number): YamlSource | YamlFault {
  const [error] = document.errors;
  if (error) return { line: lineOf(error.pos[0]), message: error.message };
  try {
    // Refuses the aliases of a “billion laughs” (maxAliasCount).
    const value: unknown = document.toJS();
    return { value, lineOf: (path) => lineOf(offsetOf(document, path)) };
  } catch (problem) {
    const message = problem instanceof Error ? problem.message : String(problem);
    return { line: lineOf(document.range[0]), message };
  }
}

/** Where the value at the path begins; for a value on the lines below its name, the name. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      offset = (pair.key as Scalar).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

/** The first problem a schema has with the document, with its line and the path to it in words. */
export function schemaFault(source: YamlSource, error: z.ZodError): YamlFault {
  const faults = error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = unknown[0] === undefined ? issue.path : [...issue.path, unknown[0]];
    const field = issue.path.map(String).join('.');
    const words = unknown.length > 0 ? `unknown field ${unknown.join(', ')}` : issue.message;
    return { line: source.lineOf(path), message: field === '' ? words : `${field}: ${words}` };
  });
  return faults.reduce((first, fault) => (fault.line < first.line ? fault : first));
}
