import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** Stands between a client and a server and breaks connections. */
export interface CuttingProxy {
  /** The server's address with the proxy in its place. */
  readonly url: string;
  /** Breaks every connection; new ones are taken as long as it is not `down`. */
  cut(): void;
  down(isDown: boolean): void;
  /**
   * Breaks a connection at the n-th message from its client, which the server still receives when `delivered`: it
   * does what is asked, and nobody hears of it. Undefined: no more.
   */
  cutAt(n: number | undefined, delivered: boolean): void;
  close(): Promise<void>;
}

export async function openCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<Socket>();
  let isDown = false;
  let countdown: number | undefined;
  let isDelivered = false;

  const server = createServer((client) => {
    if (isDown) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      pairs.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        pairs.delete(socket);
        other.destroy();
      });
    }
    upstream.on('data', (answer) => client.write(answer));
    client.on('data', (message) => {
      if (countdown !== undefined && (countdown -= 1) <= 0) {
        countdown = undefined;
        client.destroy();
        if (!isDelivered) return void upstream.destroy();
        upstream.removeAllListeners('data').resume();
        client.removeAllListeners('close');
        pairs.delete(client);
        upstream.write(message, () => upstream.end());
        return;
      }
      upstream.write(message);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = (): void => {
    for (const socket of pairs) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    down(next) {
      isDown = next;
      if (isDown) cut();
    },
    cutAt(n, delivered) {
      countdown = n;
      isDelivered = delivered;
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
