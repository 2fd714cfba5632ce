import type { Account } from '../account';
import { toCamelKey } from './case';
import type { Field, Fields, TextField } from './fields';
import { nearestName } from './suggest';
import { findUnsendable, utf8Bytes } from './utf8';

/** One thing that is wrong with an input. `path` is spelled as the caller spelled it: `link.thumb_url`, `news.articles[0].url`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
  /** WeChat's own number for such a fault. */
  readonly errCode: number;
}

export type PlainObject = { readonly [key: string]: unknown };

/** What a walk through an input knows besides the field at hand. */
export interface Walk {
  /** Collects every fault, in the order of the table. */
  readonly faults: Fault[];
  /** The spelling in which a missing field is named. */
  readonly camel: boolean;
  /** Decides fields that only one account kind needs. */
  readonly account?: Account | undefined;
  /** Names that are fields of the event though not of the table, for suggestions. */
  readonly others?: readonly string[] | undefined;
  /** Passes over fields that are not in the table, as WeChat's own server does, instead of refusing them. */
  readonly ignoreUnknown?: boolean | undefined;
}

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether the caller writes camelCase: whether any key of the object, two levels deep, holds a capital. */
export function writesCamelCase(input: PlainObject): boolean {
  return Object.entries(input).some(
    ([key, value]) =>
      /[a-z][A-Z]/.test(key) ||
      (isPlainObject(value) && Object.keys(value).some((inner) => /[a-z][A-Z]/.test(inner))),
  );
}

/** How a value's type is called in a message to a person. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

/** No openid is longer; the real ones have 28 characters. */
const longestOpenid = 128;

/** Tells whether a value could be an openid: a string of printable ASCII, not longer than any openid is. */
export function isOpenid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestOpenid && /^[!-~]+$/.test(value);
}

/** Text of a caller's that stands in a message is cut to this length. */
const shownLength = 40;

/** Puts a value into text for a person: quoted and shortened; of an object only that it is one. */
export function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeName(value);
  return typeof value === 'string' ? JSON.stringify(shorten(value)) : String(value);
}

function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

/**
 * Reads an object by its field table, in either spelling, field by field, into the HTTPS spelling.
 *
 * Every fault is collected in `walk.faults`; the result is whole only where none was added. Keys come out in the
 * order of the table, so that equal messages have equal bytes. `undefined` and `null` count as absent.
 *
 * @param at the path of `input` as the caller spelled it; empty for the top
 * @param hints what to say of a name unknown here that belongs elsewhere, by name
 */
export function parseFields(
  fields: Fields,
  input: PlainObject,
  at: string,
  walk: Walk,
  hints: ReadonlyMap<string, string> = new Map(),
): Record<string, unknown> {
  const names = spellings(fields);
  const found = new Map<string, { key: string; value: unknown }>();
  const unknown: string[] = [];
  for (const key of Object.keys(input)) {
    const value = input[key];
    if (value === undefined || value === null) {
      if (!names.has(key)) unknown.push(key);
      continue;
    }
    const name = names.get(key);
    if (name === undefined) {
      unknown.push(key);
      continue;
    }
    const earlier = found.get(name);
    if (earlier === undefined) found.set(name, { key, value });
    else if (earlier.value !== value) {
      walk.faults.push({
        path: join(at, key),
        message: `${earlier.key} and ${key} are the same field with different values; give one`,
        errCode: 40035,
      });
    }
  }

  const output: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = found.get(name);
    if (given !== undefined) {
      output[name] = parseField(field, given.value, join(at, given.key), walk);
    } else if (field.kind === 'choice' && field.default !== undefined) {
      output[name] = field.default;
    } else if (isNeeded(field, walk.account)) {
      const key = walk.camel ? toCamelKey(name) : name;
      walk.faults.push({
        path: join(at, key),
        message: 'is missing',
        errCode: field.missing ?? 47001,
      });
    }
  }

  if (walk.ignoreUnknown === true) return output;
  for (const key of unknown) {
    const message = hints.get(key) ?? unknownField(fields, key, walk);
    walk.faults.push({ path: join(at, shorten(key)), message, errCode: 40035 });
  }
  return output;
}

function unknownField(fields: Fields, key: string, walk: Walk): string {
  const near = nearestName(key, [...spellings(fields).keys(), ...(walk.others ?? [])]);
  return near === undefined
    ? `is not a field here; known: ${known(fields, walk)}`
    : `is not a field; did you mean ${near}?`;
}

function known(fields: Fields, walk: Walk): string {
  return Object.keys(fields)
    .map((name) => (walk.camel ? toCamelKey(name) : name))
    .join(', ');
}

/** Every key under which a field may be handed in, with the field's own name. The HTTPS spelling comes first. */
function spellings(fields: Fields): Map<string, string> {
  const cached = spellingsOf.get(fields);
  if (cached !== undefined) return cached;
  const names = new Map<string, string>();
  for (const name of Object.keys(fields)) names.set(name, name);
  for (const [name, field] of Object.entries(fields)) {
    names.set(toCamelKey(name), name);
    if (field.kind === 'media') for (const key of field.fileKeys) names.set(key, name);
  }
  spellingsOf.set(fields, names);
  return names;
}

const spellingsOf = new WeakMap<Fields, Map<string, string>>();

function isNeeded(field: Field, account: Account | undefined): boolean {
  return field.need === 'always' || (field.need === 'official' && account === 'official');
}

function parseField(field: Field, value: unknown, at: string, walk: Walk): unknown {
  const fail = (message: string, errCode: number) => {
    walk.faults.push({ path: at, message, errCode });
    return undefined;
  };

  switch (field.kind) {
    case 'group':
      return isPlainObject(value)
        ? parseFields(field.fields, value, at, walk)
        : fail(`must be an object, not ${typeName(value)}`, 47001);

    case 'list': {
      if (!Array.isArray(value)) return fail(`must be a list, not ${typeName(value)}`, 47001);
      if (value.length === 0) return fail('is empty', field.missing ?? 47001);
      if (value.length > field.max) {
        return fail(`has ${value.length} entries; WeChat takes at most ${field.max}`, field.tooMany);
      }
      return value.map((entry: unknown, index) =>
        isPlainObject(entry)
          ? parseFields(field.fields, entry, `${at}[${index}]`, walk)
          : walk.faults.push({
              path: `${at}[${index}]`,
              message: `must be an object, not ${typeName(entry)}`,
              errCode: 47001,
            }),
      );
    }

    case 'data':
      return isPlainObject(value)
        ? parseData(value, at, walk)
        : fail(`must be an object, not ${typeName(value)}`, 47001);

    case 'choice':
      return field.values.includes(value as string)
        ? value
        : fail(`must be ${field.values.map(show).join(' or ')}, not ${show(value)}`, field.wrong);

    case 'media': {
      if (typeof value !== 'string') return fail(`must be a string, not ${typeName(value)}`, 47001);
      const isFile = field.fileKeys.some((key) => at.endsWith(`.${key}`) || at === key);
      if (isFile && !value.startsWith('cloud://')) {
        return fail('must be a file in cloud storage: cloud://…', 40035);
      }
      return value === '' ? fail('is empty', field.missing ?? 47001) : checkText(field, value, fail);
    }

    case 'openid':
      return isOpenid(value) ? value : fail(`must be an openid, not ${show(value)}`, 40003);

    case 'text':
      if (typeof value !== 'string') return fail(`must be a string, not ${typeName(value)}`, 47001);
      return value === '' && field.need !== 'never'
        ? fail('is empty', field.missing ?? 47001)
        : checkText(field, value, fail);
  }
}

/** Reads a template's data. Its keys are the caller's own, whatever their case; nothing but `value` and `color` is in them. */
function parseData(data: PlainObject, at: string, walk: Walk): Record<string, unknown> {
  const entries = Object.entries(data);
  if (entries.length === 0) walk.faults.push({ path: at, message: 'is empty', errCode: 47003 });
  return Object.fromEntries(
    entries.map(([key, entry]) => {
      const path = join(at, shorten(key));
      if (!isPlainObject(entry)) {
        walk.faults.push({ path, message: `must be {value}, not ${typeName(entry)}`, errCode: 47003 });
        return [key, undefined];
      }
      return [key, parseDatum(entry, path, walk)];
    }),
  );
}

function parseDatum(entry: PlainObject, path: string, walk: Walk): Record<string, unknown> {
  const { value, color, ...others } = entry;
  const fail = (name: string, message: string, errCode: number) => {
    walk.faults.push({ path: join(path, name), message, errCode });
    return undefined;
  };
  if (typeof value === 'string')
    checkText({ kind: 'data', need: 'always' }, value, (...fault) => fail('value', ...fault));
  else if (typeof value !== 'number' || !Number.isFinite(value)) {
    fail(
      'value',
      value === undefined || value === null ? 'is missing' : `must be a string, not ${typeName(value)}`,
      47003,
    );
  }
  if (color !== undefined && color !== null && typeof color !== 'string') {
    fail('color', `must be a string, not ${typeName(color)}`, 47001);
  }
  for (const key of Object.keys(others))
    fail(shorten(key), 'is not a field here; known: value, color', 40035);
  return typeof color === 'string' ? { value, color } : { value };
}

function checkText(
  field: Field,
  value: string,
  fail: (message: string, errCode: number) => undefined,
): string | undefined {
  const bad = findUnsendable(value);
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    return fail(`holds U+${code}, which JSON can only write as an escape; WeChat refuses those`, 40033);
  }
  return field.kind === 'text' ? checkForm(field, value, fail) : value;
}

function checkForm(
  field: TextField,
  value: string,
  fail: (message: string, errCode: number) => undefined,
): string | undefined {
  if (field.maxBytes !== undefined) {
    const bytes = utf8Bytes(value);
    if (bytes > field.maxBytes) {
      return fail(
        `is ${bytes} bytes of UTF-8; WeChat takes at most ${field.maxBytes}`,
        field.tooLong ?? 45002,
      );
    }
  }
  if (field.form === 'pagepath' && value.startsWith('/')) {
    return fail('must not begin with "/": write pages/index/index', 41030);
  }
  if (field.form === 'request-id' && !/^[^\p{C}]{1,64}$/u.test(value)) {
    return fail('must be a string of 1 to 64 printable characters', 40035);
  }
  if (field.form === 'json' && !isJson(value)) return fail('must be a string of JSON', 47001);
  return value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
