import { type MessageTypeName, messageTypes } from '../../../shared/wechat/messages/message-types';
import { readAnswer } from '../composer/answer';
import { asFields, type Fields, parsedJson } from '../fields';
import type { CallCard, Card, CardCall } from '../local-wechat/log-cards';
import { messageTypeTexts, strings, type Text, userMessageTexts } from '../strings';

/** How a card stands: `warn` where the answer is good and something on the way to it was not. */
export type Tone = 'good' | 'warn' | 'bad' | 'running';

/** What tells a card from the next one. */
export interface CardFacts {
  /** What kind of message it is; absent where it is none. */
  readonly type?: Text;
  /** The first words of what was said or asked. */
  readonly words: string;
  /** The first words of what came of it, where that is not the same. */
  readonly reply?: string;
  /** By which functions, in the order of their calls. */
  readonly functions: readonly string[];
  /** Whose card it is: who called, wrote, or was sent something. */
  readonly users: readonly string[];
  /** To whom. */
  readonly touser?: string;
  readonly tone: Tone;
  /** What came of it, in a word or two. */
  readonly outcome: string;
  /** How many messages went to users. */
  readonly sent: number;
  /** Whether the conversation went to a person. */
  readonly handedOver: boolean;
}

const known = new WeakMap<Card, CardFacts>();

/** The facts of a card; worked out once. */
export function factsOf(card: Card): CardFacts {
  const held = known.get(card);
  if (held !== undefined) return held;
  const facts = card.kind === 'call' ? callFacts(card) : otherFacts(card);
  known.set(card, facts);
  return facts;
}

function otherFacts(card: Exclude<Card, CallCard>): CardFacts {
  const none = { functions: [], sent: 0, handedOver: false };
  if (card.kind === 'note') {
    const { note } = card;
    const users = note.kind === 'clock' ? [] : [note.openid];
    return { ...none, words: '', users, tone: 'good', outcome: '' };
  }
  const { api, https, ok, answer } = card.wire;
  return {
    ...none,
    ...messageFacts(https, api),
    users: texts(https['touser']),
    tone: ok ? 'good' : 'bad',
    outcome: ok ? 'ok' : outcomeOf(answer, true),
  };
}

function callFacts(card: CallCard): CardFacts {
  const { calls, pushes } = card;
  const [first] = calls;
  const wires = calls.flatMap((call) => call.wires);
  const messages = wires.filter(({ https }) => typeof https['touser'] === 'string' && isMessage(https));
  const arrived = messages.filter(({ ok }) => ok);
  const push =
    pushes[0]?.push ?? (first?.start?.source === 'wx_push' ? asFields(first.start.data) : undefined);
  const event = asFields(first?.start?.data);
  const said = push === undefined ? eventFacts(event, messages[0]?.https) : pushFacts(push);
  const passive = asFields(pushes.at(-1)?.answer);
  const handedOver = passive['MsgType'] === 'transfer_customer_service';
  const isPassive = !handedOver && passive['MsgType'] !== undefined;
  const answered = arrived[0]?.https;
  const reply =
    push === undefined
      ? undefined
      : answered !== undefined
        ? messageFacts(answered, '').words
        : isPassive
          ? pushFacts(passive).words
          : undefined;
  const touser = text(event['touser']) ?? text(messages[0]?.https['touser']);
  return {
    ...said,
    ...(reply === undefined ? {} : { reply }),
    functions: [
      ...new Set(
        calls.length === 0 ? pushes.map(({ to }) => to) : calls.flatMap(({ start }) => start?.name ?? []),
      ),
    ],
    users: [
      ...new Set([
        ...pushes.map(({ openid }) => openid),
        ...calls.flatMap(({ start }) => start?.openid ?? []),
        ...texts(event['touser']),
        ...messages.flatMap(({ https }) => texts(https['touser'])),
      ]),
    ],
    ...(push !== undefined || touser === undefined ? {} : { touser }),
    ...standing(card, wires.find(({ ok }) => !ok)?.answer),
    sent: arrived.length + (isPassive ? 1 : 0),
    handedOver,
  };
}

/** How it stands, and its word: the worst of its answers, else a call to WeChat that failed on the way. */
function standing({ calls, pushes }: CallCard, failedWire: unknown): Pick<CardFacts, 'tone' | 'outcome'> {
  const lastPush = pushes.at(-1);
  if (calls.some(({ call }) => call === undefined) && lastPush?.ok !== false)
    return { tone: 'running', outcome: '' };
  const bad = calls.find(isBad);
  if (lastPush !== undefined ? !lastPush.ok : bad !== undefined) {
    const answer = bad?.call === undefined ? lastPush?.answer : bad.call.answer;
    return { tone: 'bad', outcome: outcomeOf(answer, true) };
  }
  const flaw = failedWire ?? bad?.call?.answer;
  if (flaw !== undefined) return { tone: 'warn', outcome: outcomeOf(flaw, true) };
  return { tone: 'good', outcome: lastPush === undefined ? outcomeOf(calls[0]?.call?.answer, false) : 'ok' };
}

/** Whether a call failed, or answered that it did. */
function isBad({ call }: CardCall): boolean {
  return call !== undefined && (call.failed || (readAnswer(call.answer)?.errCode ?? 0) !== 0);
}

function outcomeOf(answer: unknown, failed: boolean): string {
  const read = readAnswer(answer);
  if (read === undefined || (failed && read.errCode === 0)) return failed ? 'failed' : 'ok';
  return read.errCode === 0 ? 'ok' : `${read.errCode} ${read.code ?? ''}`.trim();
}

/** What a user wrote or did. */
function pushFacts(push: Fields): Pick<CardFacts, 'type' | 'words'> {
  const { MsgType, Event, Content, Title, Label, EventKey } = push;
  const type = MsgType === 'event' ? strings.eventPush : userMessageTexts[String(MsgType)];
  const words = MsgType === 'event' ? [Event, EventKey] : [Content ?? Title ?? Label];
  return {
    ...(type === undefined ? {} : { type }),
    words: texts(...words).join(' ') || `[${String(MsgType)}]`,
  };
}

/** What a function was asked for: a message, several, one in an HTTP request; or its fields as they are. */
function eventFacts(event: Fields, sent: Fields | undefined): Pick<CardFacts, 'type' | 'words'> {
  const {
    messages,
    path,
    httpMethod,
    body,
    touser: _,
    account: __,
    lang: ___,
    userInfo: ____,
    ...rest
  } = event;
  if (isMessage(event)) return messageFacts(event, '');
  if (Array.isArray(messages)) {
    const first = messageFacts(asFields(messages[0]), '');
    return { ...first, words: `${messages.length} × ${first.words}` };
  }
  if (typeof path === 'string' && typeof httpMethod === 'string') {
    const inside = sent ?? asFields(parsedJson(body));
    return isMessage(inside) ? messageFacts(inside, path) : { words: `${httpMethod} ${path}` };
  }
  if (sent !== undefined) return messageFacts(sent, '');
  return { words: Object.keys(rest).length === 0 ? '' : cut(JSON.stringify(rest)) };
}

function messageFacts(message: Fields, otherwise: string): Pick<CardFacts, 'type' | 'words'> {
  const { msgtype, template_id: templateId, templateId: templateIdToo, data } = message;
  if (typeof msgtype === 'string') {
    const type = Object.hasOwn(messageTypes, msgtype)
      ? messageTypeTexts[msgtype as MessageTypeName]
      : undefined;
    const words = firstWords(message[msgtype]) ?? msgtype;
    return { ...(type === undefined ? {} : { type }), words };
  }
  if (templateId !== undefined || templateIdToo !== undefined)
    return { type: strings.noticeType, words: firstWords(data) ?? String(templateId ?? templateIdToo) };
  return { words: otherwise };
}

function isMessage({ msgtype, template_id: templateId, templateId: templateIdToo }: Fields): boolean {
  return [msgtype, templateId, templateIdToo].some((value) => typeof value === 'string');
}

/** The fields that say most of a message, before all others. */
const telling = ['content', 'title', 'head_content', 'headContent', 'description'];

/** The first text that a person would read in a value. */
function firstWords(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : cut(value.replace(/<[^>]*>/g, ''));
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = asFields(value);
  const order = [...telling.filter((name) => name in fields), ...Object.keys(fields)];
  for (const name of order) {
    const words = firstWords(fields[name]);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** No line is wider; the whole stands in the open card. */
const mostCharacters = 120;

function cut(words: string): string {
  return words.slice(0, mostCharacters).replaceAll('\n', ' ');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(...values: readonly unknown[]): string[] {
  return values.flatMap((value) => text(value) ?? []);
}
