import { success } from '../../core/answer';
import { defineFunction } from '../../core/define-function';
import { careless, logFailure, logThrown, persist } from '../../core/failures';
import { inParallel } from '../../core/parallel';
import type { Ports } from '../../core/ports';
import { readBook } from '../../core/reply-windows';
import type { Settings } from '../../core/settings';
import { maxTextBytes } from '../../wechat/messages/split-text';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';
import { leftAt, noWindow } from '../../wechat/reply-window';
import { askForPersonHere } from '../conversations/call-people';
import { hasDesk } from '../conversations/history';
import type { Reply, ReplyMessage } from '../rules/reply';
import { type Action, decideReply, type ReplyRules } from '../rules/reply-rules';
import type { Ask, Run, Said, Turn } from '../rules/turn';
import { type Asked, askDefaults, askWith, before } from './ask';
import { forgetJobs, type Job, overdueLanes, type TurnLease, takeLane, waitingJobs } from './jobs';
import { createLayout, toLastSentence } from './messages';
import type { AskModel } from './model';
import { showPushes } from './shown';
import {
  createSpeaker,
  endLost,
  type Speaker,
  type SpeakPorts,
  type SpokenBy,
  showTyping,
  type TypingSign,
} from './speaker';

/** What answers by code and by a model reach beyond the ports of every function. */
export interface Outside {
  readonly askModel: (settings: Settings) => AskModel;
  readonly callFunction: Turn['callFunction'];
  readonly collection: Turn['collection'];
  /** What was said in a lane, the newest last, without what these jobs are about; empty where nothing is kept. */
  readonly history: (lane: string, without: readonly string[], ports: SpeakPorts) => Promise<readonly Said[]>;
}

export type AnswerPorts = SpeakPorts &
  Ports<'getTempMedia'> & { readonly rules: ReplyRules; readonly outside: Outside };

/** How many lanes the timer answers at a time. */
const lanesAtOnce = 8;

/**
 * Makes and says the answers that a rule leaves to code or to a model: `kefu-answer`.
 *
 * `kefu-receive` starts it with the `lane` that has something to answer; where that start was lost, its timer finds it.
 */
export function kefuAnswer(rules: ReplyRules, outside: Outside) {
  return defineFunction({
    name: 'kefu-answer',
    access: 'owner',
    fields: { lane: { kind: 'text', need: 'never' } },
    calls: ['sendCustomMessage', 'uploadTempMedia', 'setTyping', 'msgSecCheck', 'getTempMedia'],
    timeoutSeconds: 60,
    timers: [{ name: 'every-minute', type: 'timer', config: '30 * * * * * *' }],
    async run({ lane }, { ports }) {
      const answering = { ...ports, rules, outside };
      if (lane !== undefined) await answerLane(lane, answering);
      else await answerOverdue(answering);
      return success();
    },
  });
}

/** Answers what was left: where a start was lost, or an instance died. */
export async function answerOverdue(ports: AnswerPorts): Promise<void> {
  await forgetJobs(ports);
  const lanes = await overdueLanes(ports);
  await inParallel(lanesAtOnce, lanes, async (lane) => {
    await careless('answer-lane', ports, () => answerLane(lane, ports));
  });
}

/** What an answer needs of a call's time at least; what is left after a model has had its own. */
const leastMs = 20_000;
const endingMs = 8000;

/** Answers what waits in a lane, until nothing does. Where somebody else is at it, that one goes on with it. */
export async function answerLane(lane: string, ports: AnswerPorts): Promise<void> {
  // Somebody else's call may have put it there a moment ago: it is looked for until a read cannot be behind any more.
  for (let patience = mostLooks; ports.clock.remainingMs() >= leastMs; patience = 1) {
    const lease = await takeLane(lane, ports);
    if (lease === undefined) return;
    try {
      await endLost(lease, ports);
      await answerWaiting(lane, lease, patience, ports);
    } catch (error) {
      // Whoever takes the lane over must find what was begun, so it is not given back.
      lease.abandon();
      throw error;
    }
    await lease.release();
    if ((await waitingJobs(lane, ports)).length === 0) return;
  }
  await ports.startFunction('kefu-answer', { lane });
}

/** How often a lane is looked at that seems to be empty, or of before the last answer, and the pause between two looks. */
const mostLooks = 4;
const lookMs = 700;

async function answerWaiting(
  lane: string,
  lease: TurnLease,
  patience: number,
  ports: AnswerPorts,
): Promise<void> {
  let sign: TypingSign | undefined;
  try {
    let misses = 0;
    while (misses < patience && !lease.isLost() && ports.clock.remainingMs() >= leastMs) {
      const first = await waitingJobs(lane, ports);
      const [job] = first;
      if (job !== undefined)
        sign ??= showTyping({ account: job.account, openid: pushOf(job).FromUserName }, ports);
      const jobs = await gather(lane, first, ports);
      if (jobs.length === 0 || !(await lease.take(jobs))) {
        misses += 1;
        if (misses < patience || jobs.length > 0) await ports.sleep(lookMs);
        continue;
      }
      const ended = await answerTurn({ lane, jobs, lease, sign }, ports);
      if (ended !== 'overtaken') {
        await lease.close(
          jobs.map(({ _id }) => _id),
          ended,
        );
        return;
      }
    }
  } finally {
    await sign?.end();
  }
}

/** What a user sends within this time is one turn, and how long a turn may grow. */
const togetherMs = 2000;
const growsMs = 8000;

/** Waits until the user has written nothing for a while: all of it is answered together. */
async function gather(lane: string, first: readonly Job[], ports: AnswerPorts): Promise<readonly Job[]> {
  const startedAt = ports.clock.now();
  let jobs = first;
  for (;;) {
    const now = ports.clock.now();
    const newest = Math.max(0, ...jobs.map(({ at }) => at));
    const waitMs = Math.min(togetherMs, newest + togetherMs - now);
    if (waitMs <= 0 || now - startedAt > growsMs) return jobs;
    await ports.sleep(waitMs);
    jobs = await waitingJobs(lane, ports);
  }
}

function pushOf({ push }: Job): Push | UnknownPush {
  return JSON.parse(push) as Push | UnknownPush;
}

function textOf(push: Push | UnknownPush): string {
  const { MsgType, Content } = push as UnknownPush;
  return MsgType === 'text' && typeof Content === 'string' ? Content : '';
}

interface Answering {
  readonly lane: string;
  readonly jobs: readonly Job[];
  readonly lease: TurnLease;
  readonly sign: TypingSign | undefined;
}

/** How often an answer is begun to be made: what kills its instance each time is not tried for ever. */
const mostAttempts = 5;

/** How often it is looked whether the user has written again. */
const watchMs = 1000;

/** What a turn came to: its jobs are done, or given up, or to be answered again. */
type Ended = 'done' | 'dead' | 'overtaken';

/** Makes the answer to the jobs and says it. */
async function answerTurn(answering: Answering, ports: AnswerPorts): Promise<Ended> {
  const { lane, jobs, lease, sign } = answering;
  const last = jobs.at(-1);
  if (last === undefined) return 'done';
  const push = pushOf(last);
  const { account } = last;
  const openid = push.FromUserName;
  const speaker = createSpeaker({ lane, account, openid, jobs, lease }, ports);
  // A person took the conversation since: there is nothing to be made.
  if (!(await speaker.may())) return 'done';
  const decided = decideReply(ports.rules, push, account);
  // The table may have changed since: then what it says now is said.
  const action: Action = decided.action ?? { run: async () => said(decided.say) };
  const abort = new AbortController();
  const stop = ports.every(watchMs, () => {
    void speaker.look().then(() => {
      if (!isOurs(speaker)) abort.abort();
    });
  });
  let tried = false;
  try {
    if (jobs.every(({ attempts }) => attempts < mostAttempts)) {
      const turn = await turnOf(answering, push, ports);
      const pushes = jobs.map(pushOf);
      tried = await attempt(action, { lane, turn, pushes, speaker, sign, signal: abort.signal }, ports);
    } else logFailure(ports, 'answer', { why: 'too many attempts' });
    if (!tried && speaker.stopped !== 'overtaken' && speaker.stopped !== 'lost')
      await sayReply(action.otherwise ?? {}, 'rule', { openid, account, speaker, lane }, ports);
  } finally {
    stop();
    abort.abort();
    await speaker.end();
  }
  const { stopped, begun } = speaker;
  ports.log({ step: 'answer', jobs: jobs.length, said: begun, stopped, failed: tried ? undefined : true });
  if (stopped === 'overtaken' && begun === 0) return stopped;
  return tried || begun > 0 ? 'done' : 'dead';
}

function said(messages: readonly ReplyMessage[]): Reply | undefined {
  const [first, ...rest] = messages;
  return first === undefined ? undefined : { say: [first, ...rest] };
}

async function turnOf(
  { lane, jobs }: Answering,
  push: Push | UnknownPush,
  ports: AnswerPorts,
): Promise<Turn> {
  const { outside, clock } = ports;
  const ids = jobs.map(({ _id }) => _id);
  const [book, history = []] = await Promise.all([
    careless('read-window', ports, () => readBook(lane, ports)),
    careless('read-history', ports, () => outside.history(lane, ids, ports)),
  ]);
  return {
    push,
    account: jobs[0]?.account ?? 'miniprogram',
    openid: push.FromUserName,
    text: jobs
      .map((job) => textOf(pushOf(job)))
      .filter((text) => text !== '')
      .join('\n'),
    history,
    window: leftAt(book ?? noWindow, clock.now()),
    callFunction: outside.callFunction,
    collection: outside.collection,
  };
}

/** What an attempt has in hand. */
interface Attempt {
  readonly lane: string;
  readonly turn: Turn;
  /** All that is answered. */
  readonly pushes: readonly (Push | UnknownPush)[];
  readonly speaker: Speaker;
  readonly sign: TypingSign | undefined;
  readonly signal: AbortSignal;
}

/** Makes the answer by code or by a model; `false` where nothing came of it. */
async function attempt(action: Action, given: Attempt, ports: AnswerPorts): Promise<boolean> {
  const { clock } = ports;
  const seconds = action.ask?.seconds ?? askDefaults.seconds;
  const deadline = clock.now() + Math.min(seconds * 1000, clock.remainingMs() - endingMs);
  if (action.ask !== undefined) return askAndSay(action.ask, given, deadline, ports);
  return action.run === undefined ? false : runAndSay(action.run, given, deadline, ports);
}

async function runAndSay(
  run: Run,
  { lane, turn, speaker }: Attempt,
  deadline: number,
  ports: AnswerPorts,
): Promise<boolean> {
  let reply: Reply | undefined;
  try {
    reply = await before(deadline, Promise.resolve(run(turn)), ports);
  } catch (error) {
    logThrown(ports, 'run', error);
  }
  if (reply === undefined) return false;
  await sayReply(reply, 'code', { ...turn, lane, speaker }, ports);
  return true;
}

/** To whom an answer is said. */
type SpokenTo = Pick<Turn, 'openid' | 'account'> & Pick<Attempt, 'lane' | 'speaker'>;

async function sayReply(
  { say = [], transfer }: { readonly say?: readonly ReplyMessage[]; readonly transfer?: Reply['transfer'] },
  from: SpokenBy,
  to: SpokenTo,
  ports: AnswerPorts,
): Promise<void> {
  for (const message of say) if (!(await to.speaker.say(message, from))) break;
  if (transfer !== undefined) await askForPerson(to, transfer === true && hasDesk(ports), ports);
}

/** Of the window's five messages, those that an answer may have; one more is kept back for a person's or an error's sake. */
const mostMessages = 4;

/** How much of the room for the rest may be needed before the first message goes out while the model still writes. */
const surely = 0.9;

async function askAndSay(
  ask: Ask,
  { lane, turn, pushes, speaker, sign, signal }: Attempt,
  deadline: number,
  ports: AnswerPorts,
): Promise<boolean> {
  const { characters = askDefaults.characters } = ask;
  // What reads Markdown is loaded when there is some.
  const { plainBlocks, wholeLength } = await import('./plain');
  const most = Math.max(1, Math.min(mostMessages, turn.window.remaining - 1));
  const layout = createLayout(most);
  const askModel = ports.outside.askModel(ports.settings);
  const shown = await showPushes(pushes, turn.account, ask.pictures === true, ports);
  const answer = askWith({ ask, turn, shown, askModel, signal, deadline, ports });
  let markdown = '';
  let got = 0;
  let isRefused = false;

  const place = (end: number): string[] => {
    const blocks = plainBlocks(markdown.slice(0, end));
    markdown = markdown.slice(end);
    const ready = blocks.flatMap((block) => layout.put(block));
    // The first goes out as soon as it is known that the rest will find room without it.
    const restFits = (characters - got) * 3 <= (most - 1) * maxTextBytes * surely;
    return speaker.begun === 0 && ready.length === 0 && restFits ? layout.flush() : ready;
  };
  const say = async (texts: readonly string[], isLast: boolean): Promise<boolean> => {
    for (const [place, content] of texts.entries()) {
      isRefused = ask.check === true && !(await isSayable(content, turn, ports));
      if (isRefused || !(await speaker.say(textOfModel(content, ask), 'model'))) return false;
      if (!isLast || place < texts.length - 1) sign?.show();
    }
    return true;
  };
  // What WeChat refuses of an answer is listened to all the same: it may hand over to a person.
  const isUnheard = () => speaker.stopped === 'refused' && ask.handOver !== false;
  let asked: Asked | undefined;
  while (asked === undefined) {
    const next = await answer.next();
    if (next.done === true) {
      asked = next.value;
      break;
    }
    markdown += next.value;
    got += next.value.length;
    const end = wholeLength(markdown);
    if (end === 0 || isUnheard()) continue;
    const isSaid = await say(place(end), false);
    if (isUnheard() || (isSaid && !layout.isFull())) continue;
    await answer.return('whole');
    asked = 'whole';
    markdown = '';
  }
  if (asked === 'too-long') markdown = toLastSentence(markdown);
  if (asked !== 'failed' && !isRefused && !isUnheard())
    await say([...place(markdown.length), ...layout.flush()], asked !== 'hand-over');
  if (isRefused && ask.handOver === false) return false;
  if (isRefused || (asked === 'hand-over' && isOurs(speaker))) {
    const isHere = hasDesk(ports);
    const content = isHere ? askedHereWords : askedWords;
    await speaker.say({ msgtype: 'text', text: { content } }, 'model');
    await askForPerson({ ...turn, lane, speaker }, isHere, ports);
  }
  return asked !== 'failed';
}

const askedWords = '已为您联系人工客服：请再发一条消息，人工客服将为您服务。';

const askedHereWords = '已为您转接人工客服，请稍候。';

function textOfModel(content: string, { label = true }: Ask): ReplyMessage {
  const text = { msgtype: 'text', text: { content } } as const;
  return label ? { ...text, aimsgcontext: { is_ai_msg: 1 } } : text;
}

/** Whether WeChat has nothing against a text. What it was not asked about is not said. */
async function isSayable(content: string, { openid, account }: Turn, ports: AnswerPorts): Promise<boolean> {
  const payload = { content, version: 2, scene: 2, openid };
  const reply = await ports.wechat.call('msgSecCheck', payload, account);
  const data = reply.ok && 'data' in reply ? reply.data : {};
  const { suggest } = (data['result'] ?? {}) as { suggest?: unknown };
  if (suggest === 'pass' || suggest === 'review') return true;
  logFailure(ports, 'check', { errCode: reply.ok ? 0 : reply.errCode });
  return false;
}

/**
 * Whether the user is still this answer's to see to, be it that WeChat lets nothing of it through: nobody else answers,
 * neither a person, nor who has the lane now, nor the next answer, to what the user wrote since.
 */
function isOurs({ stopped }: Speaker): boolean {
  return stopped === undefined || stopped === 'refused';
}

/** Asks for a person: of the desk at once; of WeChat's with the user's next message, for only a push is handed over. */
async function askForPerson(
  { lane, openid, account, speaker }: SpokenTo,
  isHere: boolean,
  ports: AnswerPorts,
): Promise<void> {
  if (!isOurs(speaker)) return;
  if (isHere) return askForPersonHere(ports.newId(), { account, touser: openid }, ports);
  await persist('ask-for-person', ports, () =>
    ports.database('kefu_windows').update({ _id: lane }, { askedAt: ports.clock.now() }),
  );
}
