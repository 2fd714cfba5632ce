import { type Account, accounts } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import { nearestName } from '../../wechat/fields/suggest';
import { isPlainObject, type PlainObject, show, typeName } from '../../wechat/fields/values';
import { parseMessage } from '../../wechat/messages/parse-message';
import { linkFaults } from '../../wechat/messages/text-links';
import { eventPushes, eventPushNames, messagePushes, messagePushNames } from '../../wechat/pushes/pushes';
import { windowRules } from '../../wechat/reply-window';
import { type Condition, foldWord, type Rule } from './reply-rules';
import { forestalls } from './rule-order';
import { type Ask, handOverTool } from './turn';

const conditionNames = ['text', 'contains', 'pattern', 'message', 'event', 'click'] as const;
type ConditionName = (typeof conditionNames)[number];

const replyKeys = ['say', 'typing', 'transfer', 'keep'];
const actionKeys = [...replyKeys, 'run', 'ask', 'otherwise'];

/** WeChat's number for a parameter that is wrong. */
const wrong = 40035;

/**
 * Finds everything that is wrong with a table of rules, each with the path to it: `rules[2].say[0].text.content`.
 *
 * Each message is read as the accounts that may come to send it would read it, with WeChat's own number for its faults;
 * a rule that another one before it always forestalls is named. An empty list means that the table can be used.
 *
 * @param ownAppid the mini program's, against which the links in texts are held; left out, they are not
 */
export function checkRules(table: unknown, ownAppid = ''): readonly Fault[] {
  const faults: Fault[] = [];
  const report: Report = (path, message, errCode = wrong) => faults.push({ path, message, errCode });
  if (!isPlainObject(table)) {
    report('', `must be an object with rules, not ${typeName(table)}`);
    return faults;
  }
  checkKeys(table, ['rules', 'otherwise'], '', report);
  const { rules, otherwise } = table;
  const sound = Array.isArray(rules) ? checkEach(rules, ownAppid, report) : [];
  if (!Array.isArray(rules)) report('rules', `must be a list, not ${typeName(rules)}`);
  if (otherwise === undefined) return faults;
  checkOtherwise(otherwise, ownAppid, report);
  const earlier = sound.find(({ rule }) => forestalls(rule, { on: { message: 'any' } }));
  if (earlier !== undefined) report('otherwise', forestalledBy(earlier));
  return faults;
}

type Report = (path: string, message: string, errCode?: number) => void;

/** A rule whose condition is one, with its place in the table. */
interface Placed {
  readonly rule: Rule;
  readonly place: number;
}

function forestalledBy({ place }: Placed): string {
  return `can never apply: rules[${place}] applies to all that this one would`;
}

/** Checks each rule, by itself and against those before it. */
function checkEach(rules: readonly unknown[], ownAppid: string, report: Report): readonly Placed[] {
  const sound: Placed[] = [];
  for (const [place, rule] of rules.entries()) {
    const at = `rules[${place}]`;
    if (!isPlainObject(rule)) {
      report(at, `must be an object, not ${typeName(rule)}`);
      continue;
    }
    if (!checkRule(rule, at, ownAppid, report)) continue;
    const checked = rule as unknown as Rule;
    const earlier = sound.find((other) => forestalls(other.rule, checked));
    if (earlier !== undefined) report(at, forestalledBy(earlier));
    sound.push({ rule: checked, place });
  }
  return sound;
}

/** Checks a rule; tells whether its condition is one, so that it can be compared with others. */
function checkRule(rule: PlainObject, at: string, ownAppid: string, report: Report): boolean {
  checkKeys(rule, ['on', 'account', ...actionKeys], at, report);
  const { account, on } = rule;
  if (account !== undefined && !accounts.includes(account as Account)) {
    report(join(at, 'account'), `must be ${accounts.map(show).join(' or ')}, not ${show(account)}`);
    return false;
  }
  const condition = readCondition(on, join(at, 'on'), report);
  if (condition === undefined) return false;
  const able = accountsOf(condition).filter((kind) => account === undefined || account === kind);
  if (able.length === 0) report(join(at, 'on'), `does not happen to a ${show(account)} account`);
  const place = {
    at,
    accounts: able,
    most: mostMessages(condition, able),
    isEvent: 'event' in condition,
    hasMedia: hasMedia(condition),
    ownAppid,
  };
  checkAction(rule, place, report);
  return true;
}

function checkOtherwise(otherwise: unknown, ownAppid: string, report: Report): void {
  const at = 'otherwise';
  if (!isPlainObject(otherwise)) {
    report(at, `must be an object, not ${typeName(otherwise)}`);
    return;
  }
  checkKeys(otherwise, actionKeys, at, report);
  const most = windowRules.miniprogram.message.messages;
  checkAction(otherwise, { at, accounts, most, isEvent: false, hasMedia: true, ownAppid }, report);
}

function checkKeys(object: PlainObject, known: readonly string[], at: string, report: Report): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    report(join(at, key), near === undefined ? 'is not a field here' : `is no field; did you mean ${near}?`);
  }
}

function readCondition(on: unknown, at: string, report: Report): Condition | undefined {
  if (!isPlainObject(on)) {
    report(at, on === undefined ? 'is missing' : `must be an object, not ${typeName(on)}`);
    return undefined;
  }
  checkKeys(on, [...conditionNames, 'key'], at, report);
  const names = conditionNames.filter((name) => Object.hasOwn(on, name));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    report(at, `must have one of ${conditionNames.join(', ')}`);
    return undefined;
  }
  const reason = checks[name](on[name]);
  if (reason !== undefined) {
    report(join(at, name), reason);
    return undefined;
  }
  const condition = on as unknown as Condition;
  if (on['key'] !== undefined) checkKey(condition, on['key'], join(at, 'key'), report);
  return condition;
}

function checkKey(on: Condition, key: unknown, at: string, report: Report): void {
  const hasKey = 'event' in on && Object.hasOwn(eventPushes[on.event].fields, 'EventKey');
  if (!hasKey) report(at, 'goes only with an event that has an EventKey');
  else if (typeof key !== 'string' || key === '') report(at, `must be text, not ${show(key)}`);
}

/** What is wrong with the value of each condition. */
const checks: { readonly [K in ConditionName]: (value: unknown) => string | undefined } = {
  text: checkWords,
  contains: checkWords,
  click: checkWords,
  pattern: (value) => {
    if (Object.prototype.toString.call(value) !== '[object RegExp]') {
      return `must be a regular expression, not ${show(value)}`;
    }
    const pattern = value as RegExp;
    if (/[gy]/.test(pattern.flags)) return `has the flag ${show(pattern.flags)}: g and y mean nothing here`;
    return pattern.test('') ? "matches every text; write { message: 'text' }" : undefined;
  },
  message: (value) => checkName(value, [...messagePushNames, 'any'], 'message'),
  event: (value) => checkName(value, eventPushNames, 'event'),
};

function checkWords(value: unknown): string | undefined {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (words.length === 0) return 'is empty';
  const place = words.findIndex((word) => typeof word !== 'string' || foldWord(word) === '');
  return place === -1 ? undefined : `must be text, not ${show(words[place])}`;
}

function checkName(value: unknown, known: readonly string[], what: string): string | undefined {
  if (known.includes(value as string)) return undefined;
  const near = typeof value === 'string' ? nearestName(value, known) : undefined;
  const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean ${near}?`;
  return `${show(value)} is no ${what}; ${hint}`;
}

/** The account kinds that a condition can come true on. */
function accountsOf(on: Condition): readonly Account[] {
  if ('event' in on) return eventPushes[on.event].accounts;
  return 'message' in on && on.message !== 'any' ? messagePushes[on.message].accounts : accounts;
}

/** How many messages WeChat lets through in answer to what a condition is about, on all of these accounts. */
function mostMessages(on: Condition, able: readonly Account[]): number {
  const most = windowRules.miniprogram.message.messages;
  const granted = able.map((account) => {
    const grants: { readonly [act: string]: { readonly messages: number } } = windowRules[account];
    const act = 'click' in on ? 'menu-click' : actFor(on, account);
    return grants[act]?.messages ?? most;
  });
  return Math.min(most, ...granted);
}

function actFor(on: Condition, account: Account): string {
  const acts: { readonly [kind in Account]?: string } = 'event' in on ? eventPushes[on.event].acts : {};
  return acts[account] ?? 'message';
}

function hasMedia(on: Condition): boolean {
  if (!('message' in on)) return false;
  return on.message === 'any' || Object.hasOwn(messagePushes[on.message].fields, 'MediaId');
}

interface Place {
  readonly at: string;
  readonly accounts: readonly Account[];
  readonly most: number;
  readonly isEvent: boolean;
  /** Whether what it answers can be a picture, a sound or a film. */
  readonly hasMedia: boolean;
  /** The mini program's; empty where it is not known. */
  readonly ownAppid: string;
}

/** A reply, or who makes it: code or a model, with what is said where nothing comes of that. */
function checkAction(action: PlainObject, place: Place, report: Report): void {
  checkReply(action, place, report);
  const { run, ask, otherwise, transfer, typing } = action;
  const at = (name: string) => join(place.at, name);
  if (run === undefined && ask === undefined) {
    if (otherwise !== undefined) report(at('otherwise'), 'goes with run or ask');
    return;
  }
  if (run !== undefined && ask !== undefined) report(at('ask'), 'does not go with run');
  if (run !== undefined && typeof run !== 'function')
    report(at('run'), `must be a function, not ${typeName(run)}`);
  if (transfer !== undefined) report(at('transfer'), 'does not go with run or ask; they may hand over');
  if (typing !== undefined) report(at('typing'), 'does not go with run or ask; it is shown for them');
  if (ask !== undefined) checkAsk(ask, at('ask'), place, report);
  if (otherwise === undefined) return;
  if (!isPlainObject(otherwise)) {
    report(at('otherwise'), `must be an object, not ${typeName(otherwise)}`);
    return;
  }
  checkKeys(otherwise, ['say', 'transfer'], at('otherwise'), report);
  checkReply(otherwise, { ...place, at: at('otherwise') }, report);
}

/** The settings of `ask`: what each must be, and how that is said. */
const askChecks: { readonly [name in keyof Required<Ask>]: (value: unknown) => string | undefined } = {
  instructions: (value) =>
    typeof value === 'string' && value.trim() !== '' ? undefined : 'must be text: what the model is told',
  tools: (value) => (isPlainObject(value) ? undefined : `must be an object, not ${typeName(value)}`),
  handOver: isFlag,
  label: isFlag,
  check: isFlag,
  pictures: isFlag,
  rounds: (value) => isWithin(value, 1, 20),
  seconds: (value) => isWithin(value, 5, 50),
  characters: (value) => isWithin(value, 50, 4000),
  history: (value) => isWithin(value, 0, 100),
};

function isFlag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false, not ${show(value)}`;
}

function isWithin(value: unknown, least: number, most: number): string | undefined {
  const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return fits ? undefined : `must be a whole number from ${least} to ${most}, not ${show(value)}`;
}

function checkAsk(ask: unknown, at: string, { accounts }: Place, report: Report): void {
  if (!isPlainObject(ask)) {
    report(at, `must be an object, not ${typeName(ask)}`);
    return;
  }
  checkKeys(ask, Object.keys(askChecks), at, report);
  for (const [name, check] of Object.entries(askChecks)) {
    const reason = name === 'instructions' || ask[name] !== undefined ? check(ask[name]) : undefined;
    if (reason !== undefined) report(join(at, name), reason);
  }
  if (ask['check'] === true && accounts.includes('official'))
    report(join(at, 'check'), "is for the mini program; give the rule account: 'miniprogram'");
  for (const [name, tool] of Object.entries(isPlainObject(ask['tools']) ? ask['tools'] : {}))
    checkTool(name, tool, join(at, `tools.${name}`), report);
}

const parameterTypes: readonly unknown[] = ['string', 'number', 'integer', 'boolean'];

function checkTool(name: string, tool: unknown, at: string, report: Report): void {
  if (!/^[a-zA-Z][\w-]{0,63}$/.test(name)) report(at, 'must have a name of letters, digits, _ and -');
  if (name === handOverTool) report(at, 'is a tool that is there already; handOver: false takes it away');
  if (!isPlainObject(tool)) {
    report(at, `must be an object, not ${typeName(tool)}`);
    return;
  }
  checkKeys(tool, ['description', 'parameters', 'run'], at, report);
  if (typeof tool['description'] !== 'string' || tool['description'] === '')
    report(join(at, 'description'), 'must be text: the model chooses by it');
  if (typeof tool['run'] !== 'function') report(join(at, 'run'), 'must be a function');
  const { parameters = {} } = tool;
  if (!isPlainObject(parameters))
    report(join(at, 'parameters'), `must be an object, not ${typeName(parameters)}`);
  for (const [parameter, row] of Object.entries(isPlainObject(parameters) ? parameters : {})) {
    const path = join(at, `parameters.${parameter}`);
    if (!isPlainObject(row) || !parameterTypes.includes(row['type']))
      report(path, `must have a type: ${parameterTypes.join(', ')}`);
    else checkKeys(row, ['type', 'description', 'enum', 'optional'], path, report);
  }
}

function checkReply({ say, typing, transfer, keep }: PlainObject, place: Place, report: Report): void {
  const at = (name: string) => join(place.at, name);
  if (say !== undefined) checkSay(say, place, report);
  if (typing !== undefined && typing !== true) report(at('typing'), `must be true, not ${show(typing)}`);
  else if (typing === true && say === undefined) report(at('typing'), 'goes with messages to say');
  if (keep !== undefined && keep !== true) report(at('keep'), `must be true, not ${show(keep)}`);
  else if (keep === true && !place.hasMedia) report(at('keep'), 'goes with a picture, a sound or a film');
  if (transfer === undefined) return;
  if (place.isEvent) {
    report(at('transfer'), 'is for messages; an event shows at the customer service as nothing');
  } else if (transfer !== true && transfer !== 'wechat' && !isTarget(transfer)) {
    report(at('transfer'), "must be true, 'wechat' or { kf_account: 'name@account' }", 65401);
  }
}

function isTarget(transfer: unknown): boolean {
  return (
    isPlainObject(transfer) &&
    Object.keys(transfer).join() === 'kf_account' &&
    typeof transfer['kf_account'] === 'string' &&
    transfer['kf_account'] !== ''
  );
}

function checkSay(say: unknown, place: Place, report: Report): void {
  const at = join(place.at, 'say');
  const messages: readonly unknown[] = Array.isArray(say) ? say : [];
  if (!Array.isArray(say)) report(at, `must be a list of messages, not ${typeName(say)}`);
  else if (say.length === 0) report(at, 'is empty; leave it out to say nothing');
  else if (say.length > place.most) {
    report(at, `has ${say.length} messages; WeChat lets ${place.most} through here`, 45047);
  }
  for (const [index, message] of messages.entries()) checkMessage(message, `${at}[${index}]`, place, report);
}

function checkMessage(message: unknown, at: string, { accounts, ownAppid }: Place, report: Report): void {
  if (isPlainObject(message) && Object.hasOwn(message, 'touser')) {
    report(join(at, 'touser'), 'has no place here: the answer goes to whoever the push is from');
    return;
  }
  const seen = new Set<string>();
  for (const account of accounts) {
    const parsed = parseMessage(message, { account, touser: 'openid' });
    const faults = parsed.ok ? linkFaults(parsed.message, account, ownAppid) : parsed.faults;
    for (const { path, message: reason, errCode } of faults) {
      const isNew = !seen.has(`${path} ${reason}`);
      if (isNew) report(path === '' ? at : join(at, path), reason, errCode);
      seen.add(`${path} ${reason}`);
    }
  }
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
