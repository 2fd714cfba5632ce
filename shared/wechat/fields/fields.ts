import type { MediaType } from '../media';
import type { PictureSize } from '../picture-size';
import type { CamelKey } from './case';

/**
 * The words in which every table describes its fields: messages, templates, pushes, the functions' own events.
 *
 * One description serves the parsers, both spellings, the TypeScript types, the local WeChat's stricter
 * checks and the documents.
 */

/**
 * When a field must be there. `always`: every page says so. `official`: for an official account only.
 * `today`: the current page says so and older ones did not, so we accept its absence and the local WeChat
 * does not. `never`: it may be left out.
 */
export type Need = 'always' | 'official' | 'today' | 'never';

interface Common {
  readonly need: Need;
  /** The errcode that WeChat has for its absence. Default 47001. */
  readonly missing?: number;
  /** The spelling in which our documents have it, where that is not HTTPS’s: so it is named to who wrote neither. */
  readonly documented?: 'cloud';
  /** Another field in whose presence this one need not be there. */
  readonly unless?: string;
}

/** A string. Limits are of UTF-8 bytes; `form` names a rule beyond length. */
export interface TextField extends Common {
  readonly kind: 'text';
  readonly maxBytes?: number;
  /** The errcode for a value over `maxBytes`. Default 45002. */
  readonly tooLong?: number;
  /** A limit in characters that only the local WeChat enforces, with its errcode. */
  readonly today?: { readonly maxCharacters: number; readonly tooLong: number };
  readonly form?: 'pagepath' | 'json' | 'request-id';
}

/** A user's openid. Wrong ones are WeChat's 40003. */
export interface OpenidField extends Common {
  readonly kind: 'openid';
}

/** A `media_id`, or a `cloud://` file that stands for one until it is uploaded. */
export interface MediaField extends Common {
  readonly kind: 'media';
  /** The type under which a file is uploaded for this field. */
  readonly media: MediaType;
  /** Names under which a caller may hand in a file instead. */
  readonly fileKeys: readonly string[];
  /** The size that WeChat's pages advise for a picture; another of the same proportions is as good. */
  readonly advised?: PictureSize;
}

/** One of a few fixed values. */
export interface ChoiceField extends Common {
  readonly kind: 'choice';
  readonly values: readonly (string | number | boolean)[];
  /** The errcode for any other value. */
  readonly wrong: number;
  /** What it is where it is left out. */
  readonly default?: string | number | boolean;
}

/** An id: a number of up to 64 bits, or a string of the cloud's own. It is a string here, so that no digit is lost. */
export interface IdField extends Common {
  readonly kind: 'id';
}

/** A whole number, not below 0. */
export interface IntegerField extends Common {
  readonly kind: 'integer';
}

/** A number of any kind. */
export interface NumberField extends Common {
  readonly kind: 'number';
}

/** An object with fields of its own. */
export interface GroupField extends Common {
  readonly kind: 'group';
  readonly fields: Fields;
  /** A list that older documents put in the object's place: it is brought to this field. */
  readonly bareList?: string | undefined;
  /** Its name is a value too (a message's `msgtype`), so the cloud's spelling keeps it as it is. */
  readonly keepsName?: true;
}

/** A list of objects. */
export interface ListField extends Common {
  readonly kind: 'list';
  readonly fields: Fields;
  /** The widest count that any of WeChat's pages has named; `today` is the current one where it is lower. Default none. */
  readonly max?: number;
  readonly today?: number;
  /** The errcode for more than `max`. Default 45008. */
  readonly tooMany?: number;
}

/**
 * An object whose keys the caller chose (a template's `data`): never renamed, each an object with a `value`.
 */
export interface DataField extends Common {
  readonly kind: 'data';
}

export type Field =
  | TextField
  | OpenidField
  | MediaField
  | ChoiceField
  | IdField
  | IntegerField
  | NumberField
  | GroupField
  | ListField
  | DataField;
export type Fields = { readonly [name: string]: Field };

/** What a template's `data` holds: for each key of the template, its value and perhaps a colour. */
export type TemplateData = {
  readonly [key: string]: { readonly value: string | number; readonly color?: string };
};

type ValueOf<F> = F extends { kind: 'data' }
  ? TemplateData
  : F extends { kind: 'choice'; values: readonly (infer V)[] }
    ? V
    : F extends { kind: 'integer' | 'number' }
      ? number
      : F extends { kind: 'list'; fields: infer Inner }
        ? readonly Shape<Inner>[]
        : F extends { kind: 'group'; fields: infer Inner }
          ? Shape<Inner>
          : string;

type CloudValueOf<F> = F extends { kind: 'list'; fields: infer Inner }
  ? readonly CloudShape<Inner>[]
  : F extends { kind: 'group'; fields: infer Inner }
    ? CloudShape<Inner>
    : ValueOf<F>;

type Required<Fs> = {
  [K in keyof Fs]: Fs[K] extends { need: 'always' } | { default: unknown } ? K : never;
}[keyof Fs];
/** An intersection as one object, which is how an editor shows it. */
export type Flat<T> = { [K in keyof T]: T[K] };
type CloudKey<K, F> = F extends { keepsName: true } ? K : CamelKey<K & string>;

/** The HTTPS (snake_case) type of an object with these fields. */
export type Shape<Fs> = Flat<
  { readonly [K in keyof Fs as K extends Required<Fs> ? K : never]: ValueOf<Fs[K]> } & {
    readonly [K in keyof Fs as K extends Required<Fs> ? never : K]?: ValueOf<Fs[K]>;
  }
>;

/** The cloud-call (camelCase) type of an object with these fields. */
export type CloudShape<Fs> = Flat<
  {
    readonly [K in keyof Fs as K extends Required<Fs> ? CloudKey<K, Fs[K]> : never]: CloudValueOf<Fs[K]>;
  } & {
    readonly [K in keyof Fs as K extends Required<Fs> ? never : CloudKey<K, Fs[K]>]?: CloudValueOf<Fs[K]>;
  }
>;
