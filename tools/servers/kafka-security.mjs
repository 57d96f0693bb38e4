import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireProgram } from './programs.mjs';

const run = promisify(execFile);

/** The store's key is worth nothing: it lives as long as the test. */
const STORE_PASSWORD = 'waybill-test';

/**
 * A listener for clients.
 * @typedef {{ protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL', users?: Record<string, string>,
 *   mechanisms?: ('PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512')[], expired?: boolean }} Secured `users`: passwords by
 *   name; `mechanisms`: all three when left out; `expired`: the broker's certificate ended yesterday
 */

/**
 * @param {string} folder for keys and certificates
 * @param {number} port
 * @param {Secured} secured
 */
export async function securedListener(folder, port, { protocol, users = {}, mechanisms, expired = false }) {
  const name = 'SECURED';
  const mine = `listener.name.${name.toLowerCase()}`;
  const address = `127.0.0.1:${port}`;
  const sasl = protocol.startsWith('SASL') ? (mechanisms ?? ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) : [];
  const tls = protocol.endsWith('SSL') ? await certificate(folder, expired) : undefined;
  return {
    listener: `${name}://${address}`,
    protocols: [`${name}:${protocol}`],
    settings: {
      ...(tls && {
        [`${mine}.ssl.keystore.location`]: tls.store,
        [`${mine}.ssl.keystore.password`]: STORE_PASSWORD,
        [`${mine}.ssl.keystore.type`]: 'PKCS12',
      }),
      ...(sasl.length > 0 && { 'sasl.enabled.mechanisms': sasl.join() }),
      ...Object.fromEntries(
        sasl.map((mechanism) => [`${mine}.${mechanism.toLowerCase()}.sasl.jaas.config`, loginModule(mechanism, users)]),
      ),
    },
    /** SCRAM's credentials are records of the cluster itself: they are written when its folder is formatted. */
    scram: sasl
      .filter((mechanism) => mechanism.startsWith('SCRAM'))
      .flatMap((mechanism) =>
        Object.entries(users).flatMap(([user, password]) => [
          '--add-scram',
          `${mechanism}=[name=${user},password=${password}]`,
        ]),
      ),
    client: { brokers: [address], protocol, ...(tls && { caFile: tls.caFile }) },
  };
}

function loginModule(mechanism, users) {
  if (mechanism !== 'PLAIN') return 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const known = Object.entries(users).map(([user, password]) => ` user_${user}="${password}"`);
  return `org.apache.kafka.common.security.plain.PlainLoginModule required${known.join('')};`;
}

/** A self-signed certificate for 127.0.0.1 and localhost, which is its own authority. */
async function certificate(folder, expired) {
  const keytool = requireProgram('keytool', 'A Kafka listener with TLS');
  const store = join(folder, 'broker.p12');
  const caFile = join(folder, 'broker-ca.pem');
  const storeFlags = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD];
  const validity = expired ? ['-startdate', '-2d', '-validity', '1'] : ['-validity', '2'];
  const names = ['-dname', 'CN=waybill-test-broker', '-ext', 'SAN=IP:127.0.0.1,DNS:localhost', '-ext', 'BC=ca:true'];
  await run(keytool, ['-genkeypair', '-keyalg', 'RSA', '-keysize', '2048', ...names, ...validity, ...storeFlags]);
  await run(keytool, ['-exportcert', '-rfc', '-file', caFile, ...storeFlags]);
  return { store, caFile };
}
