import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { ROLES, readConfiguration } from './configuration.js';
import { helpText } from './help.js';

const refusal = (environment: Record<string, string>, args: string[] = []): string => {
  try {
    readConfiguration(args, environment);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(readConfiguration([], {})).toEqual({
      data: resolve('.waybill'),
      eventStore: 'sqlite:',
      views: 'sqlite:',
      state: 'sqlite:',
      channel: { kind: 'in-process' },
      listen: { host: '127.0.0.1', port: 7070 },
      roles: new Set(ROLES),
      configIntervalSeconds: 15,
      driftIntervalSeconds: 15,
      checkpoint: { events: 1000, minutes: 10 },
      witness: undefined,
      help: false,
      newAdminToken: false,
      rotateKey: false,
    });
  });

  it('takes flags before environment variables', () => {
    const { data, listen, roles } = readConfiguration(['--data', '/d', '--roles=api,projector'], {
      WAYBILL_DATA: '/elsewhere',
      WAYBILL_LISTEN: '[::1]:0',
    });
    expect(data).toBe('/d');
    expect(listen).toEqual({ host: '::1', port: 0 });
    expect([...roles]).toEqual(['api', 'projector']);
  });

  it.each([
    [{ WAYBILL_LISTEN: 'here' }, 'WAYBILL_LISTEN=here: give an address such as 127.0.0.1:7070.'],
    [{ WAYBILL_LISTEN: '1.2.3.4:70000' }, 'WAYBILL_LISTEN=1.2.3.4:70000: give an address such as 127.0.0.1:7070.'],
    [{ WAYBILL_ROLES: 'api,cook' }, /^WAYBILL_ROLES=api,cook: no role is called cook; the roles are api, /],
    [{ WAYBILL_ROLES: ' ' }, /^WAYBILL_ROLES= : names no role/],
    [{ WAYBILL_DATA: '' }, 'WAYBILL_DATA=: is empty.'],
    [
      { WAYBILL_EVENT_STORE: 'mysql://ann:pw@localhost' },
      /^WAYBILL_EVENT_STORE=mysql:\/\/…@localhost: give sqlite: or an address such as esdb:/,
    ],
    [{ WAYBILL_VIEWS: 'mysql://ann:p@ss/w@localhost' }, /^WAYBILL_VIEWS=mysql:\/\/…@localhost: give sqlite: or/],
    [{ WAYBILL_VIEWS: 'pg://localhost/x?password=pw&a=b' }, /^WAYBILL_VIEWS=pg:\/\/localhost\/x\?password=…&a=b: /],
    [{ WAYBILL_CHANNEL: 'pigeons:' }, /^WAYBILL_CHANNEL=pigeons:: give in-process: or an address such as kafka:/],
    [{ WAYBILL_CHANNEL: 'kafka://localhost' }, /^WAYBILL_CHANNEL=kafka:\/\/localhost: localhost is no broker; /],
    [
      { WAYBILL_CHANNEL: 'kafka://ann:pw@localhost:9092' },
      /^WAYBILL_CHANNEL=kafka:\/\/…@localhost:9092: give the user/,
    ],
    [{ WAYBILL_CHANNEL: 'kafka://k:9092?sasl=plain&user=ann' }, /: sasl needs a password in WAYBILL_KAFKA_PASSWORD/],
    [{ WAYBILL_CHECKPOINT_EVENTS: '1.5' }, /^WAYBILL_CHECKPOINT_EVENTS=1.5: give a whole number of events above 0/],
    [{ WAYBILL_CHECKPOINT_MINUTES: '0' }, /^WAYBILL_CHECKPOINT_MINUTES=0: give a number of minutes above 0/],
    [{ WAYBILL_WITNESS: 'http://witness.example' }, /^WAYBILL_WITNESS=.*: give git\+file:/],
    [{ WAYBILL_CONFIG_INTERVAL: 'often' }, /^WAYBILL_CONFIG_INTERVAL=often: give a number of seconds/],
  ] as [Record<string, string>, string | RegExp][])('refuses %j in one sentence', (environment, sentence) => {
    if (typeof sentence === 'string') expect(refusal(environment)).toBe(sentence);
    else expect(refusal(environment)).toMatch(sentence);
  });

  it('tells witnesses apart', () => {
    const witness = (text: string) => readConfiguration([], { WAYBILL_WITNESS: text }).witness;
    expect(witness('git+file:///w.git')).toEqual({ kind: 'git', url: 'file:///w.git' });
    expect(witness('git+ssh://git@git.example/w.git')).toEqual({ kind: 'git', url: 'ssh://git@git.example/w.git' });
    expect(witness('https://witness.example/a')).toEqual({ kind: 'http', url: 'https://witness.example/a' });
    expect(witness('http://127.0.0.1:8080/')).toEqual({ kind: 'http', url: 'http://127.0.0.1:8080/' });
    expect(witness('')).toBeUndefined();
  });

  it('names a wrong flag and the flags there are', () => {
    expect(refusal({}, ['--listen', 'x'])).toMatch(/^--listen=x: /);
    expect(refusal({}, ['--colour', 'red'])).toMatch(/--colour.*Flags are --data, --listen/);
  });

  it('explains every flag, variable and default', () => {
    expect(readConfiguration(['--help'], {}).help).toBe(true);
    const text = helpText();
    expect(text).toMatch(/--listen\s+WAYBILL_LISTEN\s+.*127\.0\.0\.1:7070/);
    const { configIntervalSeconds, driftIntervalSeconds, checkpoint } = readConfiguration([], {});
    expect(text).toContain(`config repositories (${configIntervalSeconds})`);
    expect(text).toContain(`for drift (${driftIntervalSeconds})`);
    expect(text).toContain(`so many events (${checkpoint.events})`);
    expect(text).toContain(`behind the last one (${checkpoint.minutes})`);
    expect(text).toMatch(/--new-admin-token .*token/);
  });
});
