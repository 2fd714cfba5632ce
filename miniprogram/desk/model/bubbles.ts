import type { MessageTypeName } from '../../../shared/wechat/messages/message-types';
import type { Payload } from './contract';

/** A message, as it is drawn. */
export interface Bubble {
  readonly kind: 'text' | 'image' | 'voice' | 'video' | 'card' | 'location' | 'menu' | 'event' | 'other';
  /** The words, or a card's description. */
  readonly text: string;
  readonly title: string;
  /** Where a picture, a voice or a video is: an address of cloud storage, or a link. */
  readonly file: string;
  readonly url: string;
  readonly items: readonly string[];
  readonly latitude: number;
  readonly longitude: number;
}

interface Body {
  readonly [field: string]: unknown;
}

const empty: Bubble = {
  kind: 'other',
  text: '',
  title: '',
  file: '',
  url: '',
  items: [],
  latitude: 0,
  longitude: 0,
};

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function number(value: unknown): number {
  const read = Number(value);
  return Number.isFinite(read) ? read : 0;
}

function body(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : {};
}

function list(value: unknown): readonly Body[] {
  return Array.isArray(value) ? value.map(body) : [];
}

/** A file of cloud storage; empty where WeChat holds it and the desk has not copied it. */
function file(found: Body, fileID = 'fileID') {
  return { file: text(found[fileID]) };
}

type Draw = (found: Body) => Partial<Bubble>;

const video: Draw = (found) => ({
  kind: 'video',
  title: text(found['title']),
  text: text(found['description']),
  ...file(found),
});
const card: Draw = (found) => ({
  kind: 'card',
  title: text(found['title']),
  text: text(found['description']),
  url: text(found['url']),
});

/** How a type is drawn that has no row below: as a card, where it has what a card shows. */
const other: Draw = (found) => {
  const drawn = { ...card(found), file: text(found['thumb_url']) };
  return drawn.title === '' ? {} : drawn;
};

/** How a type is drawn that is no plain card: of those that can be sent, and of those that only users send. */
const drawings: { readonly [K in MessageTypeName | 'shortvideo' | 'location' | 'file']?: Draw } = {
  text: (found) => ({ kind: 'text', text: text(found['content']) }),
  image: (found) => ({ kind: 'image', ...file(found), url: text(found['picurl']) }),
  voice: (found) => ({ kind: 'voice', ...file(found), text: text(found['recognition']) }),
  video,
  shortvideo: video,
  music: (found) => ({ ...card(found), url: text(found['musicurl']) }),
  news: (found) => {
    const [first = {}] = list(found['articles']);
    return { ...card(first), file: text(first['picurl']) };
  },
  mpnews: (found) => ({ kind: 'other', text: text(found['media_id']) }),
  mpnewsarticle: (found) => ({ kind: 'other', text: text(found['article_id']) }),
  msgmenu: (found) => ({
    kind: 'menu',
    title: text(found['head_content']),
    items: list(found['list']).map(({ content }) => text(content)),
    text: text(found['tail_content']),
  }),
  wxcard: (found) => ({ kind: 'other', text: text(found['card_id']) }),
  miniprogrampage: (found) => ({
    kind: 'card',
    title: text(found['title']),
    text: text(found['pagepath']),
    ...file(found, 'thumbFileID'),
  }),
  location: (found) => ({
    kind: 'location',
    title: text(found['label']),
    latitude: number(found['latitude']),
    longitude: number(found['longitude']),
  }),
  file: (found) => ({ kind: 'other', title: text(found['title']), ...file(found) }),
};

/** How a message is drawn; one of which nothing can be shown is its type. Never throws. */
export function toBubble(message: Payload): Bubble {
  const { msgtype } = message;
  if (msgtype === 'event') return { ...empty, kind: 'event', text: text(message['event']) };
  const known: { readonly [msgtype: string]: Draw | undefined } = drawings;
  // Not what every object has: `Object.hasOwn` is younger than the engines of some phones.
  const draw = Object.keys(known).indexOf(msgtype) === -1 ? other : (known[msgtype] ?? other);
  return { ...empty, ...draw(body(message[msgtype])) };
}
