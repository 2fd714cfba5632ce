import type { Account } from '../wechat/account';
import { accounts } from '../wechat/account';
import type { Fault } from '../wechat/fields/fault';
import type { Fields } from '../wechat/fields/fields';
import { parseFields, writesCamelCase } from '../wechat/fields/parse-fields';
import { isPlainObject, type PlainObject } from '../wechat/fields/values';
import type { Settings } from './settings';

/** What the platform adds to the event of a client's call; no caller means anything by it. */
const platformFields: ReadonlySet<string> = new Set(['userInfo', 'tcbContext']);

/** The event without what the platform added. Anything but an object is an event without fields. */
export function ownFields(event: unknown): PlainObject {
  if (!isPlainObject(event)) return {};
  return Object.fromEntries(Object.entries(event).filter(([key]) => !platformFields.has(key)));
}

/** The field that chooses the account, on every function. */
export const accountField = { kind: 'choice', need: 'never', values: accounts, wrong: 40035 } as const;

/** Reads a flat event by its table. An unknown field is a fault that names it. */
export function parseEvent(
  fields: Fields,
  event: PlainObject,
): { values: Record<string, unknown>; faults: Fault[] } {
  const faults: Fault[] = [];
  const values = parseFields(fields, event, '', { faults, camel: writesCamelCase(event) });
  return { values, faults };
}

/** The account a call is for, with the fault of naming one that the environment does not have. */
export function readAccount(value: unknown, settings: Settings, faults: Fault[]): Account {
  if (value !== 'official') return 'miniprogram';
  if (settings.officialAppid === '') {
    faults.push({
      path: 'account',
      message: 'cannot be official: the variable OFFICIAL_APPID is not set',
      errCode: 40013,
    });
  }
  return 'official';
}

/** Narrows a list of faults to one that has at least one. */
export function hasFaults(faults: readonly Fault[]): faults is readonly [Fault, ...Fault[]] {
  return faults.length > 0;
}
