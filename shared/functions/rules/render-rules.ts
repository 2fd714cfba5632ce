import type { Reply, ReplyMessage } from './reply';
import type { Action, Condition, ReplyRules } from './reply-rules';
import { wordsOf } from './reply-rules';

/** How much of a text stands in a line. */
const shownCharacters = 24;

/** The table in one line each: what is waited for, and what is done then. For whoever is asked whether it may go live. */
export function renderRules({ rules, otherwise }: ReplyRules): string[] {
  const lines = rules.map(({ on, account, ...action }, place) => {
    const where = account === undefined ? '' : ` (${account})`;
    return `${place + 1}. ${renderCondition(on)}${where}: ${renderAction(action)}`;
  });
  const rest = otherwise === undefined ? 'nothing' : renderAction(otherwise);
  return [...lines, `${rules.length === 0 ? 'any message' : 'any other message'}: ${rest}`];
}

function renderCondition(on: Condition): string {
  if ('text' in on) return `text ${quoted(wordsOf(on.text))}`;
  if ('contains' in on) return `text with ${quoted(wordsOf(on.contains))}`;
  if ('pattern' in on) return `text like ${on.pattern}`;
  if ('message' in on) return on.message === 'any' ? 'any message' : `a message of type ${on.message}`;
  if ('event' in on) return `event ${on.event}${on.key === undefined ? '' : ` with key ${on.key}`}`;
  return `click on ${quoted(wordsOf(on.click))}`;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(shorten(word))).join(', ');
}

function shorten(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  return characters.length > shownCharacters
    ? `${characters.slice(0, shownCharacters).join('')}…`
    : characters.join('');
}

function renderAction({ run, ask, otherwise, ...reply }: Action): string {
  if (run === undefined && ask === undefined) return renderReply(reply);
  const told = ask === undefined ? '' : `asks a model, told ${JSON.stringify(shorten(ask.instructions))}`;
  const answer = run === undefined ? told : `runs ${run.name === '' ? 'code' : run.name}`;
  const first = reply.say === undefined ? '' : `${renderReply(reply)}, `;
  return `${first}${answer}${otherwise === undefined ? '' : `, or else ${renderReply(otherwise)}`}`;
}

function renderReply({ say, typing, keep, transfer }: Reply): string {
  const done = [
    ...(keep === true ? ['saves the file'] : []),
    ...(typing === true ? ['shows the typing sign'] : []),
    ...(say ?? []).map((message) => `says ${renderMessage(message)}`),
    ...(transfer === undefined ? [] : [renderTransfer(transfer)]),
  ];
  return done.length === 0 ? 'nothing' : done.join(', ');
}

function renderTransfer(transfer: NonNullable<Reply['transfer']>): string {
  if (typeof transfer === 'object') return `hands over to ${transfer.kf_account}`;
  return transfer === true ? 'hands over to a person' : 'hands over to a person at WeChat’s customer service';
}

function renderMessage(message: ReplyMessage): string {
  return message.msgtype === 'text' ? JSON.stringify(shorten(message.text.content)) : `a ${message.msgtype}`;
}
