import { describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import { readKafkaAddress } from './address.js';

const refusal = (url: string, environment: Record<string, string> = {}): string => {
  try {
    readKafkaAddress(url, environment);
  } catch (error) {
    if (isWaybillError(error, 'CONFIGURATION')) return error.message;
    throw error;
  }
  return 'taken';
};

describe('the address of Kafka', () => {
  it('is brokers and parameters, with the password from elsewhere', () => {
    expect(readKafkaAddress('kafka://a:9092,b:9093/?prefix=x-&replication=3&create=false', {})).toEqual({
      brokers: ['a:9092', 'b:9093'],
      prefix: 'x-',
      ssl: undefined,
      sasl: undefined,
      replication: 3,
      create: false,
    });
    const secured = readKafkaAddress('kafka://a:9092?ssl=true&sasl=scram-sha-512&user=ann', {
      WAYBILL_KAFKA_PASSWORD: 'pw',
    });
    expect(secured.ssl).toEqual({});
    expect(secured.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'ann', password: 'pw' });
  });

  it.each([
    ['kafka://', /give an address such as kafka:/],
    ['kafka://a', /^a is no broker/],
    ['kafka://a:0', /^a:0 is no broker/],
    ['kafka://ann:secret@a:9092', /password in WAYBILL_KAFKA_PASSWORD$/],
    ['kafka://a:9092?colour=red', /^no parameter is called colour/],
    ['kafka://a:9092?prefix=a&prefix=b', /^prefix is given twice/],
    ['kafka://a:9092?prefix=a/b', /^prefix is made of/],
    ['kafka://a:9092?ssl=yes', /^ssl is true or false/],
    ['kafka://a:9092?ssl=false&ca=x', /^ca needs ssl=true/],
    ['kafka://a:9092?cert=x', /^cert and key go together/],
    ['kafka://a:9092?ca=/no/such/file', /\/no\/such\/file, cannot be read \(ENOENT\)/],
    ['kafka://a:9092?user=ann', /^user needs sasl=/],
    ['kafka://a:9092?sasl=magic&user=ann', /^sasl is one of/],
    ['kafka://a:9092?sasl=plain&user=ann', /^sasl needs a password/],
    ['kafka://a:9092?replication=0', /^replication is/],
  ])('is refused in one sentence: %s', (url, sentence) => {
    expect(refusal(url)).toMatch(sentence);
    expect(refusal(url)).not.toContain('secret');
  });
});
