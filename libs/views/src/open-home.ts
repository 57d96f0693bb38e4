import { WaybillError } from '@waybill/kernel';
import { serverOf } from '@waybill/postgres';
import { persistently, type OnTrouble } from './backoff.js';
import type { Home } from './home.js';
import { openPostgresHome } from './postgres/home.js';
import { openSqliteHome } from './sqlite/home.js';

export function openHome({
  url,
  folder,
  ledger,
  patienceMs,
  onTrouble,
}: {
  readonly url: string;
  readonly folder: string;
  readonly ledger: string;
  readonly patienceMs: number;
  readonly onTrouble: OnTrouble;
}): Promise<Home> {
  switch (/^([a-z+]+):/.exec(url)?.[1]) {
    case 'sqlite':
      return Promise.resolve(openSqliteHome(url.slice('sqlite:'.length) || folder));
    case 'postgres':
    case 'postgresql': {
      const server = serverOf(url, { holds: 'the views', setting: 'WAYBILL_VIEWS' });
      return persistently('cannot-open', () => openPostgresHome({ server, ledger, onTrouble }), {
        onTrouble,
        patienceMs,
      });
    }
    default:
      throw new WaybillError('CONFIGURATION', 'the address of the views is neither sqlite: nor postgres://…', {
        hint: 'Set WAYBILL_VIEWS to sqlite: or to an address such as postgres://waybill@host:5432/waybill.',
      });
  }
}
