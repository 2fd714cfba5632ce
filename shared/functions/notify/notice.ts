import type { TemplateData } from '../../wechat/fields/fields';
import { cutValues } from '../../wechat/messages/template-values';

/**
 * What is told about what: from a business type (`order-paid`) to the messages that tell it, the table that the bundle's
 * owner edits.
 */

/** What the caller hands in under a name: an amount, an order's number. */
type Datum = string | number;

type Data<Takes extends string, May extends string> = { readonly [N in Takes]: Datum } & {
  readonly [N in May]?: Datum;
};

/** A value of a template: what the caller hands in under this name, or what is made of all that it hands in. */
type Value<Takes extends string, May extends string> = Takes | May | ((data: Data<Takes, May>) => Datum);

/** A text that stands here, or is made of what the caller hands in. */
type Text<Takes extends string, May extends string> = string | ((data: Data<Takes, May>) => string);

type Values<Takes extends string, May extends string> = {
  readonly [key: string]: Value<Takes, May> | { readonly value: Value<Takes, May>; readonly color: string };
};

/** A message without a reply window, with its template's keys filled by {@link Value}s. */
interface SubscribeNotice<Takes extends string, May extends string> {
  readonly template_id: string;
  readonly page?: Text<Takes, May>;
  readonly miniprogram_state?: 'developer' | 'trial' | 'formal';
  readonly lang?: 'zh_CN' | 'en_US' | 'zh_HK' | 'zh_TW';
  readonly data: Values<Takes, May>;
  /** Cuts values that are too long for their key. Default: they are refused. */
  readonly cut?: true;
}

interface TemplateNotice<Takes extends string, May extends string> {
  readonly template_id: string;
  /**
   * The user's openid of the official account, which is not the one of the mini program. Where it comes to nothing, the
   * template message is passed over.
   */
  readonly touser: Value<Takes, May>;
  readonly url?: Text<Takes, May>;
  readonly miniprogram?: { readonly appid: string; readonly pagepath: Text<Takes, May> };
  readonly data: Values<Takes, May>;
}

/** A notice: what it takes, and the messages that may tell it. */
export interface Notice<Takes extends string = string, May extends string = string> {
  /** What its switch is called in front of a user. */
  readonly title: string;
  /** The names that `data` must hold. */
  readonly takes: readonly Takes[];
  /** The names that `data` may hold. */
  readonly mayTake?: readonly May[];
  /** What is tried, in this order: the first that WeChat takes is the only one. */
  readonly send: readonly [Way<Takes, May>, ...Way<Takes, May>[]];
}

type Way<Takes extends string, May extends string> =
  | { readonly subscribe: SubscribeNotice<Takes, May> }
  | { readonly template: TemplateNotice<Takes, May> };

/** The table, by type. */
export type Notices = { readonly [type: string]: Notice };

/** A row of the table: values that name, or are made of, what the notice does not take do not compile. */
export function notice<const Takes extends string, const May extends string = never>(
  row: Notice<Takes, May>,
): Notice {
  // The table reads data by name; that the names are the row's own was checked in this very call.
  return row as unknown as Notice;
}

type NoticeData = { readonly [name: string]: Datum };

/** A message of a notice, filled: as `fallback` of `kefu-send` has it. */
export type FilledWay =
  | { readonly subscribe: { readonly [field: string]: unknown } }
  | { readonly template: { readonly [field: string]: unknown } };

/** Fills the messages of a notice, in their order. */
export function fillNotice({ send }: Notice, data: NoticeData): FilledWay[] {
  return send.map((way) => {
    if ('subscribe' in way) {
      const { cut, page, data: values, ...rest } = way.subscribe;
      const filled = fillValues(values, data);
      return {
        subscribe: { ...rest, page: fillText(page, data), data: cut === true ? cutValues(filled) : filled },
      };
    }
    const { touser, url, miniprogram, data: values, ...rest } = way.template;
    const opens = miniprogram && { ...miniprogram, pagepath: fillText(miniprogram.pagepath, data) };
    return {
      template: {
        ...rest,
        touser: fillValue(touser, data) || undefined,
        url: fillText(url, data),
        miniprogram: opens,
        data: fillValues(values, data),
      },
    };
  });
}

function fillText(text: Text<string, string> | undefined, data: NoticeData): string | undefined {
  return typeof text === 'function' ? text(data) : text;
}

function fillValue(value: Value<string, string>, data: NoticeData): Datum {
  return (typeof value === 'function' ? value(data) : data[value]) ?? '';
}

function fillValues(values: Values<string, string>, data: NoticeData): TemplateData {
  return Object.fromEntries(
    Object.entries(values).map(([key, entry]) =>
      typeof entry === 'object'
        ? [key, { value: fillValue(entry.value, data), color: entry.color }]
        : [key, { value: fillValue(entry, data) }],
    ),
  );
}
