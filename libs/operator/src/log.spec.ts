import { describe, expect, it } from '@jest/globals';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { logLine, traceOf } from './log.js';

const a = { project: 'a', slot: 'dev', location: 'here' };

describe('a log line', () => {
  it('carries the ids people search by', () => {
    const record = presentRecord(a, 3, (state) => ({ ...state, trace: { ...state.trace, jobId: 'job 7' } }));
    expect(logLine('delivered', traceOf(record))).toBe(
      `delivered environment=a.dev@here generation=3 release=${record.release} branch=dev pipelineId=pipeline-3 jobId="job 7"`,
    );
  });

  it('leaves out what there is none of', () => {
    expect(logLine('removed', { ...traceOf(absentRecord(a, 4)), commit: null })).toBe(
      'removed environment=a.dev@here generation=4',
    );
  });

  it('stays one line, whatever a value holds', () => {
    expect(logLine('delayed', { message: 'fatal:\n"x"=1' })).toBe('delayed message="fatal:\\n\\"x\\"=1"');
  });
});
