/** Version of this build, as the ledger shows it for this operator. */
export const VERSION = '0.1.0';
