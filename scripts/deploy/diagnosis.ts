import { variables } from '../../shared/core/settings';
import type { PermissionState, SelfCheck } from '../../shared/runtime/self-check';
import { errorMeaning } from '../../shared/wechat/errors/error-meanings';
import type { CallbackProbe } from './callback-probe';
import type { Asked } from './cloud/cloud-api';
import { type CollectionRule, ruleSteps } from './cloud/collection-rules';
import type { OnlineFunction } from './cloud/questions';
import { differences, type PlannedFunction } from './plan';

/** From what the functions said to what is to be done. Pure. */

export type SelfCheckAnswer = Asked<object>;

/** What was found out about one function. */
export interface Examined {
  readonly name: string;
  /** What the cloud holds; `absent` where it holds nothing, `undefined` in a local WeChat, which knows no such thing. */
  readonly online: OnlineFunction | 'absent' | undefined;
  readonly answer: SelfCheckAnswer | undefined;
  /** What came of asking the callback address as WeChat asks it, where there is one; `unknown` where that is not known. */
  readonly callback?: CallbackProbe | 'unknown';
  /** What keeps pushes from it, where a token lets that be seen. */
  readonly pushFaults?: readonly string[];
}

/** The columns of the table. */
export const columns = [
  'function',
  'deployed',
  'version',
  'variables',
  'permissions',
  'database',
  // The official account's access token, where calls go over HTTPS.
  'token',
  // When the last push came.
  'push',
  // Whether the callback address answers WeChat.
  'callback',
] as const;

type Row = { readonly [C in (typeof columns)[number]]: string };

export interface Findings {
  readonly well: boolean;
  readonly rows: readonly Row[];
  readonly variablesSet: readonly string[];
  /** Who may read and write what the functions keep; absent in a local WeChat, which has no such rules. */
  readonly collections?: readonly CollectionRule[] | undefined;
  /** What to do, each thing once. */
  readonly todo: readonly string[];
}

/** What to do about a permission that is not known to be granted. */
const permissionAdvice: { readonly [state in PermissionState]?: string } = {
  missing:
    'set the permissions (npm run deploy says how), then wait ten minutes; WeChat answers -604101 until then',
  'unknown-name': 'WeChat has no call of this name (-604100): correct config.json',
  'no-context':
    'calls by a login carry no WeChat context, so this cannot be seen from here: set WECHAT_ACCESS_TOKEN and ask again, or call the function with {kefuSelfCheck: true} from the mini program as an operator',
};

/** Notes something to do: `trouble` where the function is not well, `advise` where it may be. */
interface Notes {
  readonly trouble: (what: string) => void;
  readonly advise: (what: string) => void;
}

/** What was found, in a table, and what to do about it. */
export function diagnose(
  functions: readonly PlannedFunction[],
  examined: readonly Examined[],
  now: number,
  collections?: readonly CollectionRule[],
): Findings {
  const todo = new Map<string, string[]>();
  const variablesSet = new Set<string>();
  let well = true;
  const rows = functions.map((planned) => {
    const advise = (what: string) => void todo.set(what, [...(todo.get(what) ?? []), planned.name]);
    const trouble = (what: string) => {
      well = false;
      advise(what);
    };
    const found = examined.find(({ name }) => name === planned.name);
    for (const variable of variablesOf(found)) variablesSet.add(variable);
    return rowOf(planned, found, now, { trouble, advise });
  });
  return {
    // One that is not there yet, or cannot be asked about, is no fault that is known of.
    well: well && collections?.some(({ state }) => state.kind === 'open') !== true,
    rows,
    variablesSet: [...variablesSet].sort(),
    collections,
    todo: [
      ...Array.from(todo, ([what, names]) =>
        names.length === functions.length && names.length > 1
          ? `all functions: ${what}`
          : `${names.join(', ')}: ${what}`,
      ),
      ...ruleSteps(collections ?? []),
    ],
  };
}

/** The variables that the cloud, or else the function itself, says are set. */
function variablesOf(found: Examined | undefined): string[] {
  const online = found?.online;
  const held = typeof online === 'object' ? Object.keys(online.envVariables ?? {}) : [];
  const report = readReport(found?.answer);
  const told = typeof report === 'string' ? [] : setIn(report);
  return [...held.filter((name) => name in variables), ...told];
}

function setIn(report: SelfCheck): string[] {
  return Object.entries(report.variables).flatMap(([name, state]) => (state === 'set' ? [name] : []));
}

function rowOf(planned: PlannedFunction, found: Examined | undefined, now: number, notes: Notes): Row {
  const { name } = planned;
  const nothing = { version: '—', variables: '—', permissions: '—', database: '—', token: '—', push: '—' };
  if (found === undefined || found.online === 'absent') {
    notes.trouble('deploy it: npm run deploy -- --env <id>');
    return { function: name, deployed: 'no', ...nothing, callback: '—' };
  }
  const { online } = found;
  for (const line of online === undefined ? [] : compare(planned, online)) notes.trouble(line);
  for (const line of found.pushFaults ?? []) notes.trouble(`${line}; npm run deploy ends with how to set it`);
  const deployed = online === undefined ? 'local' : 'yes';

  const report = readReport(found.answer);
  if (typeof report === 'string') {
    notes.trouble(report);
    const held = online === undefined ? '?' : `${variablesOf(found).length} set`;
    const unknown = { version: '?', variables: held, permissions: '?', database: '?' };
    return { function: name, deployed, ...nothing, ...unknown, callback: '—' };
  }
  const current = report.build === planned.build;
  if (!current)
    notes.trouble('another build is online than the one here; deploy, or check out what was deployed');
  if (report.database !== 'ok')
    notes.trouble(`the database did not answer (${report.database}); is it on in this environment?`);
  return {
    function: name,
    deployed,
    version: current ? report.version : `${report.version}, another build`,
    variables: `${setIn(report).length} set`,
    permissions: permissionsCell(planned, report, notes),
    database: report.database,
    token: tokenCell(report, notes),
    // A local WeChat has only just begun, and nobody has written in it.
    push: pushCell(report, now, online === undefined ? () => undefined : notes.advise),
    callback: callbackCell(report, found.callback, notes),
  };
}

function tokenCell({ token }: SelfCheck, { trouble }: Notes): string {
  if (token === undefined || token === 'unused') return '—';
  if (token === 'ok') return 'ok';
  const errCode = Number(token.slice('refused: '.length));
  trouble(
    `WeChat gave no access token for the official account (${errCode} ${errorMeaning(errCode).en}): check OFFICIAL_APPID and OFFICIAL_SECRET; for 40164 add the address it names to the account’s list, or take OFFICIAL_CHANNEL=cloud`,
  );
  return `REFUSED ${errCode}`;
}

function pushCell({ lastPushAt }: SelfCheck, now: number, advise: (what: string) => void): string {
  if (lastPushAt === undefined) return '—';
  if (lastPushAt > 0) return `${sinceText(now - lastPushAt)} ago`;
  advise(
    'no push has come for a day; if users wrote meanwhile, check the message push settings (the list at the end of npm run deploy) and the callback address',
  );
  return 'none today';
}

function sinceText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

function callbackCell(
  { callback }: SelfCheck,
  probe: Examined['callback'],
  { trouble, advise }: Notes,
): string {
  if (callback === undefined) return '—';
  if (callback === 'not set up' || probe === undefined) return callback;
  if (probe === 'unknown') {
    advise(
      'the callback address is not known here: give the gateway’s as GATEWAY_URL=https://… (tcb service create prints it, the console shows it), or the whole one with --callback',
    );
    return 'not asked';
  }
  if (probe.ok) return `ok, ${callback}`;
  trouble(
    `the callback address ${probe.address} ${probe.why}; make its HTTP access path (the list at the end of npm run deploy), or name the address with --callback`,
  );
  return 'NO ANSWER';
}

/** Where the settings online are not those of `cloudbaserc.json`. */
function compare({ entry }: PlannedFunction, held: OnlineFunction): string[] {
  return differences(entry, held)
    .filter(({ online }) => online !== undefined)
    .map(({ key, online, here }) =>
      key === 'runtime'
        ? `runs on ${online}, not ${here}; KEFU_RUNTIME=${online} asks for what is there, or delete it in the console and deploy it anew`
        : `${key} is ${online} online and ${here} here; deploy again`,
    );
}

/** The report in an answer, or what its absence asks for. */
function readReport(answer: SelfCheckAnswer | undefined): SelfCheck | string {
  if (answer === undefined) return 'was not asked';
  if (!answer.ok) return `does not answer: ${answer.why}`;
  const { selfCheck, code, errMsg } = answer.value as {
    selfCheck?: SelfCheck;
    code?: string;
    errMsg?: string;
  };
  if (selfCheck !== undefined) return selfCheck;
  if (code === 'not-allowed')
    return 'answers, but only tells the owner more: set WECHAT_ACCESS_TOKEN, or deploy with KEFU_SECRET and ask again';
  if (code === 'configuration-invalid') return `refuses its configuration: ${errMsg}`;
  return `answers ${errMsg ?? 'without a report'}; is it an older version? Deploy again`;
}

/** The permissions in one cell, with advice for each that is not granted. */
function permissionsCell(
  { permissions: needed }: PlannedFunction,
  { permissions }: SelfCheck,
  { trouble, advise }: Notes,
): string {
  const states = needed.map((api) => ({ api, state: permissions[api] }));
  for (const { api, state } of states) {
    if (state === 'granted' || state === 'unused') continue;
    if (state === undefined) trouble(`${api} is not in the config.json online; deploy again`);
    else {
      const advice =
        permissionAdvice[state] ?? `WeChat gave no clear answer (${state}); ask again in a minute`;
      (state === 'no-context' ? advise : trouble)(`${api}: ${advice}`);
    }
  }
  if (states.length === 0) return 'none needed';
  const used = states.filter(({ state }) => state !== 'unused');
  const apisIn = (wanted: PermissionState) =>
    used.flatMap(({ api, state }) => (state === wanted ? [api] : []));
  if (used.length > 0 && apisIn('no-context').length === used.length) return 'not to be seen from here';
  if (apisIn('missing').length > 0) return `MISSING ${apisIn('missing').join(', ')}`;
  return `${apisIn('granted').length} of ${used.length} granted`;
}
