import { readFileSync } from 'node:fs';
import { EventStoreDBClient, type ChannelCredentialOptions } from '@eventstore/db-client';
import { WaybillError } from '@waybill/kernel';
import type { ConnectionSettings } from './connection-string.js';

/** The client leaves its own class open to be changed, and nothing else. */
export class Client extends EventStoreDBClient {
  #channel: ReturnType<typeof this.getChannel> | undefined;
  #watching = this.#watchChannel();

  /**
   * The client asks the server what it supports and then batches appends over one call. We say no: the batches of all
   * clients of a process share one table of waiting promises (db-client 6.2.1, batchAppend.js), so that one broken
   * call fails the appends of the others and a late answer ends the process; and an answer that never comes is waited
   * for without a deadline. One call per append has none of that.
   */
  protected override supports = (): Promise<boolean> => Promise.resolve(false);

  /** `dispose` ends the calls and leaves the connection open. */
  async close(): Promise<void> {
    await this.dispose();
    const channel = this.#watching ? await this.#channel?.catch(() => undefined) : undefined;
    channel?.close();
  }

  #watchChannel(): boolean {
    const open = this.getChannel;
    this.getChannel = () => (this.#channel = open());
    return true;
  }
}

/** Connects lazily. Throws `CONFIGURATION` when a certificate file cannot be read. */
export function createClient(settings: ConnectionSettings): Client {
  const { hosts, discover, tls, credentials, files, nodePreference, connectionName, numbers } = settings;
  const options = {
    ...numbers,
    ...(nodePreference === undefined ? {} : { nodePreference }),
    connectionName: connectionName ?? 'waybill',
  };
  const channel: ChannelCredentialOptions = tls ? certificates(files) : { insecure: true };
  if (discover) return new Client({ discover: hosts[0]!, ...options }, channel, credentials);
  if (hosts.length > 1) return new Client({ endpoints: [...hosts], ...options }, channel, credentials);
  return new Client({ endpoint: hosts[0]!, ...options }, channel, credentials);
}

function certificates(files: ConnectionSettings['files']): ChannelCredentialOptions {
  const { tlsCAFile, userCertFile, userKeyFile } = files;
  return {
    ...(tlsCAFile === undefined ? {} : { rootCertificate: read('tlsCAFile', tlsCAFile) }),
    ...(userCertFile === undefined ? {} : { userCertFile: read('userCertFile', userCertFile) }),
    ...(userKeyFile === undefined ? {} : { userKeyFile: read('userKeyFile', userKeyFile) }),
  };
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new WaybillError('CONFIGURATION', `the event store’s ${option} ${file} cannot be read`, { cause });
  }
}
