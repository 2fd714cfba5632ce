import type { Fault } from '../fields/fault';
import type { TemplateData } from '../fields/fields';

/**
 * What a subscribe message's values may be, by the kind that begins each key: `thing1`, `amount2`.
 *
 * Source: the page of `subscribe/send`, table of parameter kinds (2026). A value against its rule makes WeChat refuse
 * the message with 47003.
 */

interface ValueRule {
  readonly pattern: RegExp;
  /** What the rule asks for, as it ends a sentence. */
  readonly asks: string;
  /** How many characters may stay where a value is cut. Kinds without it cannot be cut without changing their meaning. */
  readonly cutTo?: number;
}

const clock = String.raw`(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?`;
const day = String.raw`\d{4}(?:年|-|\/)\d{1,2}(?:月|-|\/)\d{1,2}日?`;
const moment = `(?:${day}\\s*(?:${clock})?|${clock})`;

export const valueRules = {
  thing: { pattern: /^[\s\S]{1,20}$/u, asks: 'at most 20 characters', cutTo: 20 },
  const: { pattern: /^[\s\S]{1,20}$/u, asks: 'at most 20 characters', cutTo: 20 },
  number: { pattern: /^-?\d{1,32}(?:\.\d{1,32})?$/, asks: 'a number of at most 32 digits' },
  letter: { pattern: /^[A-Za-z]{1,32}$/, asks: 'at most 32 letters', cutTo: 32 },
  symbol: { pattern: /^[^\p{L}\p{N}]{1,5}$/u, asks: 'at most 5 symbols', cutTo: 5 },
  character_string: {
    pattern: /^[\x21-\x7e ]{1,32}$/,
    asks: 'at most 32 letters, digits and symbols',
    cutTo: 32,
  },
  time: {
    pattern: new RegExp(`^${moment}(?:~${moment})?$`),
    asks: 'a time such as 15:01 or 2019年10月1日 15:01',
  },
  date: {
    pattern: new RegExp(`^${day}\\s*(?:${clock})?(?:~${day}\\s*(?:${clock})?)?$`),
    asks: 'a date such as 2019年10月1日',
  },
  amount: {
    pattern: /^[^\d\s]?\d{1,10}(?:\.\d{1,10})?元?$/u,
    asks: 'an amount: one currency sign and at most 10 digits',
  },
  phone_number: { pattern: /^[\d+\-() ]{1,17}$/, asks: 'at most 17 digits and signs' },
  car_number: { pattern: /^[\p{L}\p{N}]{1,8}$/u, asks: 'at most 8 letters and digits' },
  name: {
    pattern: /^(?:[\p{Script=Han}·]{1,10}|[\p{Script=Latin}\s·'.-]{1,20}|[\p{L}\s·'.-]{1,10})$/u,
    asks: 'at most 10 Chinese characters or 20 letters',
    cutTo: 10,
  },
  phrase: { pattern: /^\p{Script=Han}{1,5}$/u, asks: 'at most 5 Chinese characters', cutTo: 5 },
} as const satisfies Record<string, ValueRule>;

export type ValueKind = keyof typeof valueRules;

/** Beyond this no key is of a known kind; to look for the digits at its end takes the square of its length. */
const longestKey = 40;

/** The kind that a key begins with; `enum1` and keys of no known kind have no rule that could be checked here. */
export function kindOfKey(key: string): ValueKind | undefined {
  const kind = key.length > longestKey ? '' : key.replace(/\d+$/, '');
  return Object.hasOwn(valueRules, kind) ? (kind as ValueKind) : undefined;
}

/** What is wrong with each value of a subscribe message. */
export function checkValues(data: TemplateData): Fault[] {
  return Object.entries(data).flatMap(([key, { value }]) => {
    const kind = kindOfKey(key);
    if (kind === undefined || valueRules[kind].pattern.test(String(value))) return [];
    return [{ path: `data.${key}.value`, message: `must be ${valueRules[kind].asks}`, errCode: 47003 }];
  });
}

/**
 * Cuts values that are too long for their kind, with an ellipsis where one fits the kind. What is wrong in another way
 * stays wrong, and so do kinds that a cut would falsify (an amount, a time).
 */
export function cutValues(data: TemplateData): TemplateData {
  return Object.fromEntries(
    Object.entries(data).map(([key, datum]) => {
      const kind = kindOfKey(key);
      const rule: ValueRule | undefined = kind && valueRules[kind];
      const text = String(datum.value);
      if (rule?.cutTo === undefined || rule.pattern.test(text)) return [key, datum];
      // A character has one or two units.
      const characters = [...text.slice(0, 2 * rule.cutTo + 2)];
      if (characters.length <= rule.cutTo) return [key, datum];
      const cut = characters.slice(0, rule.cutTo);
      const dotted = [...cut.slice(0, -1), '…'].join('');
      return [key, { ...datum, value: rule.pattern.test(dotted) ? dotted : cut.join('') }];
    }),
  );
}
