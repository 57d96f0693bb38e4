import { describe, expect, it } from '@jest/globals';
import { accountCommand, accountDecider, type AccountEvent } from './handle-command/account.js';
import { deciderSpec } from './decider-spec.js';

const opened: AccountEvent = { type: 'Opened', data: { owner: 'Ada' } };
const deposited = (amount: number): AccountEvent => ({ type: 'Deposited', data: { amount, currency: 'EUR' } });
const deposit = (amount: number) => accountCommand({ type: 'Deposit', data: { amount } });

describe('deciderSpec', () => {
  const { given } = deciderSpec(accountDecider);

  it('passes on what the decider does', () => {
    given([opened])
      .when(deposit(1))
      .then([deposited(1)]);
    given([opened])
      .when(accountCommand({ type: 'Keep', data: {} }))
      .thenNothing();
    expect(given().when(deposit(1)).thenThrows('NOT_FOUND').message).toBe('no such account');
  });

  it('fails on anything else', () => {
    expect(() =>
      given([opened])
        .when(deposit(1))
        .then([deposited(2)]),
    ).toThrow();
    expect(() => given([opened]).when(deposit(1)).thenNothing()).toThrow();
    expect(() => given([opened]).when(deposit(1)).thenThrows('NOT_FOUND')).toThrow('expected an error');
    expect(() => given().when(deposit(1)).thenThrows('FORBIDDEN')).toThrow();
    expect(() => given().when(deposit(1)).then([])).toThrow('no such account');
  });

  it('fails on a decider that writes into its state', () => {
    const impure = deciderSpec({
      ...accountDecider,
      evolve: (state, event) => Object.assign(state, accountDecider.evolve(state, event)),
    });
    expect(() =>
      impure
        .given([opened])
        .when(deposit(1))
        .then([deposited(1)]),
    ).toThrow(TypeError);
  });
});
