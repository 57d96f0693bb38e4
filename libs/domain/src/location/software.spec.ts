import { describe, expect, it } from '@jest/globals';
import { softwareOf } from './software.js';

describe('the software of an operator', () => {
  it.each([
    ['waybill/0.1.0', 'waybill', '0.1.0'],
    ['waybill-operator 0.1.0', 'waybill-operator', '0.1.0'],
    ['flux v2.3.0-rc.1', 'flux', '2.3.0-rc.1'],
    ['our own operator 7', 'our own operator', '7'],
    ['operator', 'operator', null],
    ['operator one', 'operator one', null],
    ['', '', null],
    ['/1.0', '/1.0', null],
  ])('%j is %j in version %j', (text, name, version) => {
    expect(softwareOf(text)).toEqual({ name, version });
  });
});
