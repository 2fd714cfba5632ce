import type { Refusal } from '../../core/answer';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { noteRefused, noteSent, readBook } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { typingRules } from '../../wechat/reply-window';
import { deliver } from '../deliver/deliver';
import { isWindowRefusal } from '../deliver/parts';
import { enqueue, enqueueDead, longestWaitMs, type Outgoing } from '../outbox/outbox';
import type { ReplyMessage } from '../rules/reply';
import { type Job, type TurnLease, waitingJobs } from './jobs';

/** Saying an answer: each message once, and not a word more once somebody else has the conversation. */

/** What saying asks of WeChat. */
export type SpeakPorts = Ports<'sendCustomMessage' | 'uploadTempMedia' | 'setTyping' | 'msgSecCheck'>;

/** Whom an answer goes to, and what it answers. */
export interface Speaking {
  readonly lane: string;
  readonly account: Account;
  readonly openid: string;
  readonly jobs: readonly Job[];
  readonly lease: TurnLease;
}

/** Why nothing more is said: the lane is another's, a person has the conversation, the user wrote again, WeChat refused. */
export type Stopped = 'lost' | 'handed-over' | 'overtaken' | 'refused';

export interface Speaker {
  /** Says a message; `false` where it was not said and nothing more will be. */
  say(message: ReplyMessage): Promise<boolean>;
  /** Looks whether anything more may be said. */
  look(): Promise<Stopped | undefined>;
  readonly stopped: Stopped | undefined;
  /** How many messages were begun. */
  readonly begun: number;
  /** Puts down what was said. */
  end(): Promise<void>;
}

export function createSpeaker(speaking: Speaking, ports: SpeakPorts): Speaker {
  const { lane, account, openid, jobs, lease } = speaking;
  const known = new Set(jobs.map(({ _id }) => _id));
  const oldest = Math.min(...jobs.map(({ at }) => at));
  const newest = Math.max(...jobs.map(({ at }) => at));
  let stopped: Stopped | undefined;
  let begun = 0;
  let sent = 0;

  const look = async (): Promise<Stopped | undefined> => {
    const seen = await careless('look', ports, () =>
      Promise.all([readBook(lane, ports), begun === 0 ? waitingJobs(lane, ports) : []]),
    );
    const [book, waiting = []] = seen ?? [];
    if (lease.isLost()) stopped ??= 'lost';
    if (book !== undefined && book.handedAt >= newest) stopped ??= 'handed-over';
    // A read may be of before the last answer, whose jobs are older than these.
    const isNew = ({ _id, at }: Job) => !known.has(_id) && at >= oldest;
    if (begun === 0 && waiting.some(isNew)) stopped ??= 'overtaken';
    return stopped;
  };

  const speaker: Speaker = {
    look,
    get stopped() {
      return stopped;
    },
    get begun() {
      return begun;
    },
    async say(input) {
      const parsed = parseMessage({ ...input, touser: openid }, { account });
      if (!parsed.ok) {
        ports.log({ step: 'answer', failed: true, errCode: parsed.faults[0].errCode });
        return true;
      }
      const { message } = parsed;
      if ((await look()) !== undefined) return false;
      // From here on it is no longer overtaken, whatever a look that is under way finds.
      begun += 1;
      if (!(await lease.begin(begun, JSON.stringify({ account, message })))) {
        stopped = 'lost';
        return false;
      }
      const answer = await deliver(message, account, ports);
      if (answer.errCode === 0) {
        sent += 1;
        return true;
      }
      const { code, retryable, errCode } = answer as Refusal;
      ports.log({ step: 'answer', failed: true, errCode, code });
      const outgoing = outgoingOf(account, message, [...known], begun, ports);
      if (retryable) await enqueue([outgoing], ports);
      else if (code === 'unknown-delivery') await enqueueDead(outgoing, answer as Refusal, ports);
      if (isWindowRefusal(errCode)) await noteRefused(lane, errCode, ports);
      // What may have arrived is followed by the rest; what WeChat refused is not.
      if (!retryable && code !== 'unknown-delivery') stopped = 'refused';
      return stopped === undefined;
    },
    async end() {
      if (sent > 0) await noteSent(new Map([[lane, sent]]), ports);
    },
  };
  return speaker;
}

function outgoingOf(
  account: Account,
  message: Message,
  jobs: readonly string[],
  number: number,
  ports: Ports,
): Outgoing {
  const deadline = ports.clock.now() + longestWaitMs;
  const id = idOf([jobs[0] ?? '', 'said', number], ports);
  return { id, message, account, fallback: [], priority: 0, deadline };
}

/** Ends what an instance left that did not come to its end: what it had begun to say may have arrived. */
export async function endLost({ before, close }: TurnLease, ports: SpeakPorts): Promise<void> {
  const { jobs, begun, saying } = before;
  if (begun === 0 || jobs.length === 0) return;
  if (saying !== '') {
    const { account, message } = JSON.parse(saying) as { account: Account; message: Message };
    await enqueueDead(outgoingOf(account, message, jobs, begun, ports), lostAnswer, ports);
  }
  await close(jobs, 'done');
}

const lostAnswer = {
  code: 'unknown-delivery',
  errCode: -501002,
  errMsg:
    'the answer that this belongs to did not come to its end, so it may have arrived, and what follows it did not',
};

/** The sign that an answer is being written. */
export interface TypingSign {
  /** Shows it anew, where a message has ended it. */
  show(): void;
  /** Ends it. Resolves when nothing of it is under way. */
  end(): Promise<void>;
}

/** Shows the sign, and again whenever it would go out. Nothing of it can fail an answer. */
export function showTyping(
  { account, openid }: Pick<Speaking, 'account' | 'openid'>,
  ports: SpeakPorts,
): TypingSign {
  let under: Promise<unknown> = Promise.resolve();
  const tell = (command: 'Typing' | 'CancelTyping') => {
    under = under.then(() =>
      careless('typing', ports, () => ports.wechat.call('setTyping', { touser: openid, command }, account)),
    );
  };
  const show = () => tell('Typing');
  show();
  const stop = ports.every(typingRules.lastsMs, show);
  return {
    show,
    async end() {
      stop();
      tell('CancelTyping');
      await under;
    },
  };
}
