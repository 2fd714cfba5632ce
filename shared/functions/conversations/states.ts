import { type Refusal, refusalFor } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { persist } from '../../core/failures';
import type { Changes, Condition, Ports } from '../../core/ports';

/**
 * Who speaks in a conversation: its states, and the steps from one to another.
 *
 * Each step is one conditional write of the conversation's document, and so is each question whether the bot may speak
 * (`maySpeak`): of two that come at once the database has one first, and the other finds that its condition no longer
 * holds. No read decides anything.
 */

export type Conversation = DocumentOf<'kefu_conversations'>;

/** Rules, code and models answer; asked for a person; a person has it; over. */
export const conversationStates = [
  'bot',
  'waiting',
  'person',
  'closed',
] as const satisfies readonly Conversation['state'][];

/** How long a person may say nothing before the conversation is the bot's again. */
export const silenceMs = 30 * 60 * 1000;

/** How long the bot is silent for somebody who waits and whom nobody takes. */
const waitsMs = 24 * 60 * 60 * 1000;

/** What a step is made from. */
export interface Moment {
  readonly now: number;
  /** The openid of who takes the step; empty where no person does. */
  readonly me: string;
  /** To whom the conversation is handed on. */
  readonly to?: string;
}

interface Step {
  /** The conditions under which it may be taken: one of them must hold. Each is one write. */
  readonly from: (moment: Moment) => readonly Condition<Conversation>[];
  readonly changes: (moment: Moment) => Changes<Conversation>;
}

const free = { agent: '', silentUntil: 0, waitingSince: 0 } as const;
const having = (agent: string, now: number) =>
  ({ state: 'person', agent, silentUntil: now + silenceMs }) as const;
const waiting = (now: number) =>
  ({ state: 'waiting', agent: '', silentUntil: now + waitsMs, waitingSince: now }) as const;

/** Nobody else has it: nobody at all, oneself, or somebody who has been silent for too long. */
const notAnothers = ({ me, now }: Moment) => [
  { agent: { oneOf: ['', me] } },
  { silentUntil: { atMost: now } },
];
const mine = ({ me, now }: Moment) => [{ agent: me, state: 'person', silentUntil: { above: now } }] as const;
const lapsed = ({ now }: Moment) => [{ silentUntil: { atMost: now } }];

/** The steps, one row each. */
export const steps = {
  /** The user, or a rule, code or model for it, asks for a person. */
  ask: { from: lapsed, changes: ({ now }) => waiting(now) },
  /** The bot answers. */
  answer: { from: lapsed, changes: () => ({ ...free, state: 'bot' }) },
  claim: { from: notAnothers, changes: ({ me, now }) => having(me, now) },
  /** Who has it says something: the half hour begins anew. */
  speak: { from: mine, changes: ({ me, now }) => ({ ...having(me, now), waitingSince: 0 }) },
  'hand-on': { from: mine, changes: ({ to = '', now }) => having(to, now) },
  /** Back to those who wait. */
  wait: { from: mine, changes: ({ now }) => waiting(now) },
  release: { from: notAnothers, changes: () => ({ ...free, state: 'bot' }) },
  close: { from: notAnothers, changes: () => ({ ...free, state: 'closed', unread: 0 }) },
  /** A person has said nothing for too long. */
  lapse: {
    from: ({ now }) => [{ state: 'person', silentUntil: { atMost: now } }],
    changes: () => ({ ...free, state: 'bot' }),
  },
} as const satisfies Record<string, Step>;

export type StepName = keyof typeof steps;

/**
 * Takes a step: what changed, or `undefined` where none of its conditions holds. Throws where the database does not say
 * whether it was taken.
 */
export async function takeStep(
  name: StepName,
  id: string,
  moment: Moment,
  ports: Pick<Ports, 'database' | 'log' | 'clock' | 'sleep'>,
): Promise<Changes<Conversation> | undefined> {
  const step: Step = steps[name];
  const changes = { ...step.changes(moment), changedAt: moment.now };
  const conversations = ports.database('kefu_conversations');
  for (const from of step.from(moment)) {
    const taken = await persist(name, ports, () =>
      conversations.update({ ...from, _id: id }, { ...changes, steps: { add: 1 } }),
    );
    if (taken === undefined) throw new Error('the database does not say whether the step was taken');
    if (taken > 0) return changes;
  }
  return undefined;
}

/** Whether who has a conversation has said nothing for too long, so that it is the bot's again. */
export function isLapsed(
  { state, silentUntil }: Pick<Conversation, 'state' | 'silentUntil'>,
  now: number,
): boolean {
  return state === 'person' && silentUntil <= now;
}

/** The refusal of a conversation that is not there. */
export function unknownConversation(): Refusal {
  return refusalFor(65413, 'there is no such conversation');
}
