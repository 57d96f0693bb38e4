/** Version of this build, as `ledger { version }` and operators tell it. */
export const VERSION = '0.1.0';
