import { describe, it } from '@jest/globals';
import type { CommandMetadata } from '@waybill/kernel';
import { domainSpec } from '../testing/domain-spec.js';
import type { CheckpointCommand } from './commands.js';
import { checkpointDecider } from './decide.js';
import type { CheckpointEvent } from './events.js';

const given = domainSpec(checkpointDecider);

const metadata: CommandMetadata = {
  commandId: 'c1',
  actor: { kind: 'system', id: 'checkpointer', roles: [] },
  now: '2026-11-23T12:00:00.000Z',
  correlationId: 'c1',
  causationId: 'c1',
};

const data = (treeSize: number, root = 'aa') => ({
  treeSize,
  root: root.repeat(32),
  position: String(treeSize),
  keyId: '00000001',
  note: `waybill.dev/a\n${treeSize}\nAA==\nposition 1\n\n— waybill.dev/a LYzNDYAc\n`,
});
const sign = (treeSize: number, root?: string, roles?: string[]): CheckpointCommand => ({
  type: 'SignCheckpoint',
  data: data(treeSize, root),
  context: undefined,
  metadata: roles ? { ...metadata, actor: { kind: 'person', id: 'p-1a2b3c4d', roles } } : metadata,
});
const signed = (treeSize: number): CheckpointEvent => ({ type: 'CheckpointSigned', data: data(treeSize) });

describe('checkpoints', () => {
  it('cover ever more of the log', () => {
    given().when(sign(2)).then(signed(2));
    given(signed(2)).when(sign(5)).then(signed(5));
  });

  it('are not repeated, nor made for less than was sealed already', () => {
    given(signed(2), signed(5)).when(sign(5)).thenNothing();
    given(signed(2), signed(5)).when(sign(3)).thenNothing();
  });

  it('refuse another root for what was sealed', () => {
    given(signed(5))
      .when(sign(5, 'bb'))
      .thenThrows('INVALID_STATE', /another root than was signed/, /verify/);
  });

  it('are signed by the process itself', () => {
    given()
      .when(sign(1, 'aa', ['devops']))
      .thenThrows('FORBIDDEN');
  });
});
