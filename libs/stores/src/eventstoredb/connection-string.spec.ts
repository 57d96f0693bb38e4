import { describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import { parseConnectionString } from './connection-string.js';

describe('the address of an EventStoreDB', () => {
  it('has TLS, port 2113 and no prefix unless it says otherwise', () => {
    expect(parseConnectionString('esdb://store')).toEqual({
      hosts: [{ address: 'store', port: 2113 }],
      discover: false,
      tls: true,
      credentials: undefined,
      files: {},
      nodePreference: undefined,
      connectionName: undefined,
      numbers: {},
      prefix: '',
    });
  });

  it('may name every node of a cluster, credentials, certificates and times', () => {
    const url =
      'esdb://ops:p%40ss%3Aw%2Ford@a.example:2113,b.example,[::1]:2114/?tls=true&tlsCAFile=%2Fetc%2Fca.pem' +
      '&userCertFile=u.pem&userKeyFile=u.key&nodePreference=readOnlyReplica&defaultDeadline=500' +
      '&KEEPALIVEINTERVAL=20000&maxDiscoverAttempts=3&connectionName=my%20ledger&prefix=demo-';
    expect(parseConnectionString(url)).toEqual({
      hosts: [
        { address: 'a.example', port: 2113 },
        { address: 'b.example', port: 2113 },
        { address: '[::1]', port: 2114 },
      ],
      discover: false,
      tls: true,
      credentials: { username: 'ops', password: 'p@ss:w/ord' },
      files: { tlsCAFile: '/etc/ca.pem', userCertFile: 'u.pem', userKeyFile: 'u.key' },
      nodePreference: 'read_only_replica',
      connectionName: 'my ledger',
      numbers: { defaultDeadline: 500, keepAliveInterval: 20000, maxDiscoverAttempts: 3 },
      prefix: 'demo-',
    });
  });

  it.each(['esdb+discover://cluster.example', 'kurrentdb+discover://cluster.example', 'esdb://a?dnsDiscover=true'])(
    'may be the DNS name of a cluster: %s',
    (url) => expect(parseConnectionString(url).discover).toBe(true),
  );

  it.each([
    ['esdb://', 'form'],
    ['http://store:2113', 'form'],
    ['esdb://user:secret@/x', 'form'],
    ['esdb://user:secret@store:port', 'host'],
    ['esdb://user:secret@store:70000', 'host'],
    ['esdb://user:secret@store,?tls=false', 'host'],
    ['esdb://user@store', 'credentials'],
    ['esdb://user:secret%E0%A4%A@store', 'percent'],
    ['esdb://user:secret@store?tsl=false', '"tsl"'],
    ['esdb://user:secret@store?tls=no', 'tls'],
    ['esdb://user:secret@store?tlsVerifyCert=false', 'tlsVerifyCert'],
    ['esdb://user:secret@store?defaultDeadline=soon', 'defaultDeadline'],
    ['esdb://user:secret@store?nodePreference=any', 'nodePreference'],
    ['esdb://user:secret@store?userKeyFile=u.key', 'userCertFile'],
    ['esdb://user:secret@store?prefix=$all', 'prefix'],
    ['esdb://user:secret@store?prefix=waybill_x', 'prefix'],
  ])('is refused when it is %s, without saying the password', (url, word) => {
    const parse = (): unknown => parseConnectionString(url);
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining(word) }));
    try {
      parse();
    } catch (error) {
      expect(isWaybillError(error) && `${error.message} ${error.hint} ${error.stack}`).not.toContain('secret');
    }
  });
});
