import { toCamelKey } from '../fields/case';
import type { Fields, Shape } from '../fields/fields';
import {
  type Message,
  type MessageBody,
  type MessageTypeName,
  type MessageTypes,
  type messageOptions,
  messageTypeNames,
  messageTypes,
} from './message-types';

/**
 * Messages by type: a function for each row of {@link messageTypes}, for those who think in `send_text` and `send_image`
 * (as the Elixir module [S3] does) rather than in `msgtype`.
 */

type Body<K extends MessageTypeName> = (typeof messageTypes)[K]['body'];
/** What WeChat asks for today, also where we take its absence. */
type RequiredIn<Fs> = { [F in keyof Fs]: Fs[F] extends { need: 'always' | 'today' } ? F : never }[keyof Fs];
type IfOne<T, All = T> = T extends unknown ? ([All] extends [T] ? T : never) : never;

/** The one field that a body needs, where that is a text or a media id: `content` of a text. Else `never`. */
export type OnlyField<K extends MessageTypeName> = {
  [F in IfOne<RequiredIn<Body<K>>>]: Body<K>[F] extends { kind: 'text' | 'media' } ? F : never;
}[IfOne<RequiredIn<Body<K>>>];

/** The types of message that one text makes: `text` by its content, `image` by its media id. */
export type ShortTypeName = {
  [K in MessageTypeName]: [OnlyField<K>] extends [never] ? never : K;
}[MessageTypeName];

function onlyFieldOf(msgtype: MessageTypeName): string | undefined {
  const body: Fields = messageTypes[msgtype].body;
  const required = Object.entries(body).flatMap(([name, { need, kind }]) =>
    need === 'always' || need === 'today' ? [kind === 'text' || kind === 'media' ? name : undefined] : [],
  );
  return required.length === 1 ? required[0] : undefined;
}

/**
 * What the typed client knows of the table: a method for each type of message, the type, and the field that makes it
 * where one does. `sendText.text.content`, `sendVideo.video`.
 */
export const messageForms: readonly string[] = messageTypeNames.map((msgtype) => {
  const onlyField = onlyFieldOf(msgtype);
  return [toCamelKey(`send_${msgtype}`), msgtype, ...(onlyField === undefined ? [] : [onlyField])].join('.');
});

/** What the Elixir module [S3] calls a message of a type, where that is not `send_` and the type's own name. */
const helperNames = {
  mpnews: 'send_mp_news',
  msgmenu: 'send_menu',
  wxcard: 'send_card',
  miniprogrampage: 'send_mini_program_page',
} as const satisfies { readonly [K in MessageTypeName]?: `send_${string}` };

type HelperNames = typeof helperNames;

/** The helpers for server code, a name for each type of message: `send_text`, `send_card`. */
export type HelperTypes = {
  readonly [K in MessageTypeName as K extends keyof HelperNames ? HelperNames[K] : `send_${K}`]: K;
};

/** The types whose body is a list, one entry of which may stand for it: an article for `news`. */
export type ListTypeName = {
  [K in MessageTypeName]: (typeof messageTypes)[K] extends { readonly bareList: string } ? K : never;
}[MessageTypeName];

/**
 * The same for the helpers: the name, the type, and the field that one text or one entry of a list makes the message
 * of. `send_text.text.content`, `send_news.news.articles[]`, `send_video.video`.
 */
export const helperForms: readonly string[] = messageTypeNames.map((msgtype) => {
  const names: { readonly [msgtype: string]: string } = helperNames;
  const row: MessageTypes[string] = messageTypes[msgtype];
  const field = row.bareList === undefined ? onlyFieldOf(msgtype) : `${row.bareList}[]`;
  return [names[msgtype] ?? `send_${msgtype}`, msgtype, ...(field === undefined ? [] : [field])].join('.');
});

/** What may accompany a message of any type. */
export interface BuildOptions extends Omit<Shape<typeof messageOptions>, 'customservice'> {
  /** The customer-service account in whose name it is sent. */
  readonly kf_account?: string;
}

type Build<K extends MessageTypeName> = (
  touser: string,
  body: MessageBody<K> | (K extends ShortTypeName ? string : never),
  options?: BuildOptions,
) => Extract<Message, { readonly msgtype: K }>;

/**
 * Builds a message as WeChat's HTTPS interface and `kefu-send` take it:
 * `buildMessage.text(openid, '您好', { kf_account: 'test1@kftest' })`, `buildMessage.video(openid, { media_id, … })`.
 * Nothing is checked but by the compiler; `parseMessage` does that.
 */
export const buildMessage = Object.fromEntries(
  messageTypeNames.map((msgtype) => [
    msgtype,
    (touser: string, body: object | string, { kf_account, ...options }: BuildOptions = {}) => ({
      touser,
      msgtype,
      [msgtype]: typeof body === 'string' ? { [onlyFieldOf(msgtype) ?? '']: body } : body,
      ...(kf_account === undefined ? {} : { customservice: { kf_account } }),
      ...options,
    }),
  ]),
) as unknown as { readonly [K in MessageTypeName]: Build<K> };
