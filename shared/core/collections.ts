/**
 * The collections of the cloud database, one row each: what a document holds, the indexes that make it fast, and for
 * how long it is kept.
 *
 * The functions' types, the reader of documents, the deploy's list and the documents come from this table. Values are
 * texts, numbers, or one of a few words. What a document lacks reads as the empty text, 0, or the first word, so that
 * one of an older version is read too.
 */

type FieldKind = 'text' | 'number' | readonly [string, ...string[]];

interface CollectionRow {
  readonly fields: { readonly [name: string]: FieldKind };
  /**
   * What is acted on, sealed by `KEFU_SECRET` where that is set: the first field, bound to the others and to the
   * document's id. Without its seal it reads as empty, or as its first word. The fields change all together, in a write
   * that names the document's id, or the first is emptied.
   */
  readonly sealed?: readonly [string, ...string[]];
  /** Non-unique indexes, each the fields in their order; nothing needs them to be right. */
  readonly indexes: readonly (readonly string[])[];
}

const text = 'text';
const number = 'number';

export const collections = {
  /** Messages that wait to be sent, are being sent, were sent, or were given up: `functions/outbox/outbox.ts`. */
  kefu_outbox: {
    fields: {
      lane: text,
      account: ['miniprogram', 'official'],
      state: ['waiting', 'sending', 'sent', 'dead'],
      seq: number,
      priority: number,
      rank: number,
      dueAt: number,
      deadline: number,
      attempts: number,
      /** At how many acts of its user it fell asleep. */
      acts: number,
      holder: text,
      leaseUntil: number,
      endedBy: text,
      keptAt: number,
      decidedAt: number,
      code: text,
      errCode: number,
      errMsg: text,
      hash: text,
      payload: text,
      /** Who says it. What rules, code and models say is given up when a person takes the conversation. */
      by: ['service', 'rule', 'code', 'model', 'person'],
    },
    sealed: ['payload', 'lane', 'account'],
    indexes: [['state', 'dueAt'], ['lane', 'state'], ['holder']],
  },
  /** Requests under an id of the caller's: `once.ts`. */
  kefu_requests: {
    fields: {
      state: ['pending', 'done', 'kept', 'released'],
      hash: text,
      holder: text,
      at: number,
      answer: text,
      /** The place of the first part that it kept. */
      seq: number,
    },
    sealed: ['state', 'answer'],
    indexes: [['at']],
  },
  /** Pushes that were taken: `functions/receive/receive.ts`. */
  kefu_pushes: {
    fields: {
      state: ['claimed', 'done'],
      holder: text,
      until: number,
      /** How many of the answer's messages were begun, and how many of those are known to be dealt with. */
      begun: number,
      dealt: number,
      at: number,
      answer: text,
    },
    sealed: ['answer'],
    indexes: [['at']],
  },
  /** Pushes that wait for an answer by code or by a model: `functions/answer/jobs.ts`. */
  kefu_jobs: {
    fields: {
      lane: text,
      account: ['miniprogram', 'official'],
      state: ['waiting', 'done', 'dead'],
      /** When it was received. */
      at: number,
      /** How often an answer was begun to be made. */
      attempts: number,
      /** The push, until it is dealt with. */
      push: text,
    },
    sealed: ['push', 'lane', 'account'],
    indexes: [
      ['state', 'at'],
      ['lane', 'state'],
    ],
  },
  /** Who is answering which user's pushes, one document each: `functions/answer/jobs.ts`. */
  kefu_turns: {
    fields: {
      holder: text,
      until: number,
      /** The ids of the jobs that are being answered together. */
      jobs: text,
      /** How many messages of the answer were begun. */
      begun: number,
      /** The one that was begun last, until the whole answer is said. */
      saying: text,
    },
    indexes: [],
  },
  /** The nonces of the callback's queries: `runtime/http/callback.ts`. */
  kefu_nonces: { fields: { push: text, at: number }, indexes: [['at']] },
  /** What is believed of each user's reply window: `reply-windows.ts`. */
  kefu_windows: {
    fields: {
      remaining: number,
      closesAt: number,
      notedAt: number,
      /** How many acts of the user were noted: whoever finds it unchanged knows that none came in between. */
      acts: number,
      /** Whether messages wait in the outbox for the user's next push; `woken`: it came, and they are being woken. */
      waiting: ['none', 'asleep', 'woken'],
      /** How often that was written: a write that changes nothing would not say that it was done. */
      slept: number,
      /** When the conversation was handed to a person, and when a model asked for one: milliseconds, 0 for never. */
      handedAt: number,
      askedAt: number,
    },
    indexes: [['waiting']],
  },
  /** Media ids of files in cloud storage: `functions/media/media-cache.ts`. */
  kefu_media: {
    fields: {
      mediaId: text,
      type: ['image', 'voice', 'video', 'thumb'],
      createdAt: number,
      expiresAt: number,
    },
    sealed: ['mediaId', 'type', 'expiresAt'],
    indexes: [],
  },
  /** The official account's access token: `runtime/access-token.ts`. */
  kefu_tokens: {
    fields: { token: text, expiresAt: number, lockedUntil: number, holder: text },
    sealed: ['token', 'expiresAt'],
    indexes: [],
  },
  /** What became of template and subscribe messages: `functions/templates/results.ts`. */
  kefu_notices: {
    fields: { templateId: text, touser: text, sentAt: number, status: text, reason: text, resultAt: number },
    indexes: [],
  },
  /** Which notices each user wants: `functions/notify/switches.ts`. */
  kefu_switches: { fields: { type: text, state: ['on', 'off'], at: number }, indexes: [] },
  /** Conversations, one document a user and account, under the lane's name: `functions/conversations/states.ts`. */
  kefu_conversations: {
    fields: {
      touser: text,
      account: ['miniprogram', 'official'],
      state: ['bot', 'waiting', 'person', 'closed'],
      /** The openid of who has it, empty where nobody does. */
      agent: text,
      /** Until when neither rule, code nor model speaks. */
      silentUntil: number,
      /** Grow with each step, and each time the bot asked whether it may speak: such a write always changes something. */
      steps: number,
      asked: number,
      lastText: text,
      lastAt: number,
      lastFrom: ['user', 'rule', 'code', 'model', 'person', 'service', 'event'],
      /** What a search looks through. */
      words: text,
      /** Messages of the user since somebody opened it. */
      unread: number,
      /** Since when the user waits for a person; 0 where none does. */
      waitingSince: number,
      /** When anything of it or of its messages was written last. */
      changedAt: number,
    },
    sealed: ['touser', 'account'],
    indexes: [['lastAt'], ['state', 'lastAt'], ['agent', 'lastAt'], ['changedAt'], ['state', 'silentUntil']],
  },
  /** What was said, by whom: `functions/conversations/history.ts`. */
  kefu_messages: {
    fields: {
      lane: text,
      account: ['miniprogram', 'official'],
      at: number,
      changedAt: number,
      from: ['user', 'rule', 'code', 'model', 'person', 'service', 'note', 'event'],
      /** The openid of a person. */
      by: text,
      /** WeChat's HTTPS payload without `touser`, as JSON. */
      message: text,
      status: ['received', 'sent', 'failed', 'unknown', 'waiting'],
      requestId: text,
      errCode: number,
      errMsg: text,
      /** Whether a file of WeChat's is in it that is to be copied, was copied, or is gone. */
      media: ['none', 'wanted', 'kept', 'gone'],
    },
    indexes: [['lane', 'at'], ['lane', 'changedAt'], ['media', 'at'], ['at']],
  },
  /** The desk's answers to pick from: `functions/conversations/canned.ts`. */
  kefu_canned: { fields: { title: text, text, at: number }, indexes: [] },
  /** The people at the desk: `functions/conversations/team.ts`. */
  kefu_team: { fields: { openid: text, name: text, seenAt: number }, indexes: [] },
} as const satisfies Record<`kefu_${string}`, CollectionRow>;

export type CollectionName = keyof typeof collections;

/** The fields of a collection that are sealed, the one that counts first; none where nothing is. */
export function sealedFields(name: CollectionName): readonly string[] {
  const row: CollectionRow = collections[name];
  return row.sealed ?? [];
}

export const collectionNames = Object.keys(collections) as readonly CollectionName[];

type ValueOf<K> = K extends readonly (infer Word)[] ? Word : K extends 'number' ? number : string;

/** What a document of a collection holds, beside its `_id`. */
export type DocumentOf<N extends CollectionName> = {
  readonly [F in keyof (typeof collections)[N]['fields']]: ValueOf<(typeof collections)[N]['fields'][F]>;
};

/** Reads a document by its row: a field that is missing or of another kind is empty, 0 or the first word. */
export function readDocument(
  name: CollectionName,
  document: { readonly [field: string]: unknown },
  wanted?: readonly string[],
): { readonly _id: string; readonly [field: string]: string | number } {
  const { fields }: CollectionRow = collections[name];
  const read: { _id: string; [field: string]: string | number } = { _id: String(document['_id'] ?? '') };
  for (const [field, kind] of Object.entries(fields)) {
    if (wanted?.includes(field) ?? true) read[field] = readValue(kind, document[field]);
  }
  return read;
}

function readValue(kind: FieldKind, value: unknown): string | number {
  if (kind === 'number') return typeof value === 'number' ? value : 0;
  if (kind === 'text') return typeof value === 'string' ? value : '';
  return kind.find((word) => word === value) ?? kind[0];
}
