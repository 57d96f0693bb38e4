import type { AddressInfo } from 'node:net';

/** Where this process is reached; known once it listens. */
export interface Address {
  url(): string;
  set(listening: AddressInfo): void;
}

export function createAddress(): Address {
  let url: string | undefined;
  return {
    url() {
      if (url === undefined) throw new Error('the process does not listen yet');
      return url;
    },
    set({ address, port }) {
      // An address that stands for all of the machine's is none that a browser could go to.
      const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
      url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    },
  };
}
