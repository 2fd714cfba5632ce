import type { Refusal } from '../../core/answer';
import { careless, logFailure, persist } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { noteRefused, noteSent, readBook } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { typingRules } from '../../wechat/reply-window';
import { askForPersonHere } from '../conversations/call-people';
import { keepEntries, maySpeak, outcomeOf } from '../conversations/history';
import { heedClaim } from '../conversations/quiet';
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

/** Who of the bot speaks. */
export type SpokenBy = 'rule' | 'code' | 'model';

export interface Speaker {
  /** Says a message; `false` where it was not said and nothing more will be. */
  say(message: ReplyMessage, from: SpokenBy): Promise<boolean>;
  /** Whether a person has left the conversation to the bot. Throws where that cannot be known. */
  may(): Promise<boolean>;
  /** Looks whether anything more may be said. */
  look(): Promise<Stopped | undefined>;
  /**
   * Whether the user is still this answer's to see to, be it that WeChat lets nothing of it through: nobody else answers,
   * neither a person, nor who has the lane now, nor the next answer, to what the user wrote since.
   */
  isOurs(): boolean;
  /** Asks for a person: of the desk at once; of WeChat's with the user's next message, for only a push is handed over. */
  askForPerson(isHere: boolean): Promise<void>;
  readonly stopped: Stopped | undefined;
  /** How many messages were begun. */
  readonly begun: number;
  /** Puts down what was said. */
  end(): Promise<void>;
}

export function createSpeaker(speaking: Speaking, ports: SpeakPorts): Speaker {
  const { lane, account, openid, jobs, lease } = speaking;
  const whose = { account, touser: openid };
  const known = new Set(jobs.map(({ _id }) => _id));
  const oldest = Math.min(...jobs.map(({ at }) => at));
  const newest = Math.max(...jobs.map(({ at }) => at));
  let stopped: Stopped | undefined;
  let begun = 0;
  let sent = 0;
  const keeping: Promise<unknown>[] = [];

  const isOurs = () => stopped === undefined || stopped === 'refused';

  const may = async (): Promise<boolean> => {
    const allowed = await persist('may-speak', ports, () => maySpeak(whose, ports));
    if (allowed === undefined) throw new Error('the database does not say who has the conversation');
    if (!allowed) stopped ??= 'handed-over';
    return allowed;
  };

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

  return {
    look,
    may,
    get stopped() {
      return stopped;
    },
    get begun() {
      return begun;
    },
    async say(input, from) {
      const parsed = parseMessage({ ...input, touser: openid }, { account });
      if (!parsed.ok) {
        logFailure(ports, 'answer', { errCode: parsed.faults[0].errCode });
        return true;
      }
      const { message } = parsed;
      if ((await look()) !== undefined) return false;
      // From here on it is no longer overtaken, whatever a look that is under way finds.
      begun += 1;
      const saying = JSON.stringify({ account, message, from });
      const [isMine, allowed] = await Promise.all([lease.begin(begun, saying), may()]).catch(
        async (error: unknown) => {
          // Nothing has left: with its first message not begun, the answer is made again.
          if (begun === 1) await lease.begin(0, '');
          throw error;
        },
      );
      if (!isMine) stopped = 'lost';
      if (!isMine || !allowed) return false;
      const outgoing = outgoingOf({ account, message, from }, [...known], begun, ports);
      const answer = await deliver(message, account, ports);
      const keep = () => {
        const entry = { id: outgoing.id, from, message, ...outcomeOf(answer) };
        keeping.push(keepEntries(whose, [entry], ports));
      };
      if (answer.errCode === 0) {
        sent += 1;
        keep();
        return true;
      }
      const { code, retryable, errCode } = answer as Refusal;
      logFailure(ports, 'answer', { errCode, code });
      if (retryable) {
        await enqueue([outgoing], ports);
        await heedClaim(whose, ports);
      } else if (code === 'unknown-delivery') await enqueueDead(outgoing, answer as Refusal, ports);
      else keep();
      if (isWindowRefusal(errCode)) await noteRefused(lane, errCode, ports);
      // What may have arrived is followed by the rest; what WeChat refused is not.
      if (!retryable && code !== 'unknown-delivery') stopped = 'refused';
      return stopped === undefined;
    },
    isOurs,
    async askForPerson(isHere) {
      if (!isOurs()) return;
      if (isHere) return askForPersonHere(ports.newId(), whose, ports);
      await persist('ask-for-person', ports, () =>
        ports.database('kefu_windows').update({ _id: lane }, { askedAt: ports.clock.now() }),
      );
    },
    async end() {
      await Promise.all([sent > 0 ? noteSent(new Map([[lane, sent]]), ports) : undefined, ...keeping]);
    },
  };
}

/** A message of an answer. */
interface Saying {
  readonly account: Account;
  readonly message: Message;
  readonly from: SpokenBy;
}

function outgoingOf(
  { account, message, from }: Saying,
  jobs: readonly string[],
  number: number,
  ports: Ports,
): Outgoing {
  const deadline = ports.clock.now() + longestWaitMs;
  const id = idOf([jobs[0] ?? '', 'said', number], ports);
  return { id, message, account, fallback: [], priority: 0, deadline, by: from };
}

/** Ends what an instance left that did not come to its end: what it had begun to say may have arrived. */
export async function endLost({ before, close }: TurnLease, ports: SpeakPorts): Promise<void> {
  const { jobs, begun, saying } = before;
  if (begun === 0) return;
  if (saying !== '') {
    await enqueueDead(outgoingOf(JSON.parse(saying) as Saying, jobs, begun, ports), lostAnswer, ports);
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
