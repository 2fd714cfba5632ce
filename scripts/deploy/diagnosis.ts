import { variables } from '../../shared/core/settings';
import type { PermissionState, SelfCheck } from '../../shared/runtime/self-check';
import { errorMeaning } from '../../shared/wechat/errors/error-meanings';
import type { CallbackProbe } from './callback-probe';
import type { OnlineFunction } from './cloudbase-cli';
import type { PlannedFunction } from './plan';

/** From what the functions said to what is to be done. Pure. */

export type SelfCheckAnswer =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly why: string };

/** What was found out about one function. */
export interface Examined {
  readonly name: string;
  /** What the cloud holds; `absent` where it holds nothing, `undefined` in a local WeChat, which knows no such thing. */
  readonly online: OnlineFunction | 'absent' | undefined;
  readonly answer: SelfCheckAnswer | undefined;
  /** What came of asking the callback address as WeChat asks it; where there is one. */
  readonly callback?: CallbackProbe;
}

/** One line of the table. */
export interface Row {
  readonly function: string;
  readonly deployed: string;
  readonly version: string;
  readonly variables: string;
  readonly permissions: string;
  readonly database: string;
  /** The official account's access token, where calls go over HTTPS. */
  readonly token: string;
  /** When the last push came. */
  readonly push: string;
  /** Whether the callback address answers WeChat. */
  readonly callback: string;
}

const unasked = { token: '—', push: '—', callback: '—' } as const;

export interface Findings {
  readonly well: boolean;
  readonly rows: readonly Row[];
  readonly variablesSet: readonly string[];
  /** What to do, each thing once. */
  readonly todo: readonly string[];
}

/** What to do about a permission that is not known to be granted. */
const permissionAdvice: { readonly [state in PermissionState]?: string } = {
  missing:
    'set the permissions (npm run deploy says how), then wait ten minutes; WeChat answers -604101 until then',
  'unknown-name': 'WeChat has no call of this name (-604100): correct config.json',
  'no-context':
    'calls of the CLI carry no WeChat context, so this cannot be seen from here: set WECHAT_ACCESS_TOKEN and ask again, or call the function with {kefuSelfCheck: true} from the mini program as an operator',
};

export function diagnose(
  functions: readonly PlannedFunction[],
  examined: readonly Examined[],
  now: number,
): Findings {
  const todo = new Map<string, string[]>();
  const advise = (what: string, name: string) => todo.set(what, [...(todo.get(what) ?? []), name]);
  const set = new Set<string>();
  let well = true;

  const rows = functions.map((planned): Row => {
    const { name } = planned;
    const row = examined.find((candidate) => candidate.name === name);
    const trouble = (what: string) => {
      well = false;
      advise(what, name);
    };
    if (row === undefined || row.online === 'absent') {
      trouble('deploy it: npm run deploy -- --env <id>');
      return {
        function: name,
        deployed: 'no',
        version: '—',
        variables: '—',
        permissions: '—',
        database: '—',
        ...unasked,
      };
    }
    for (const line of row.online === undefined ? [] : compare(planned, row.online)) trouble(line);
    const onlineNames = Object.keys(row.online?.envVariables ?? {}).filter(
      (variable) => variable in variables,
    );
    for (const variable of onlineNames) set.add(variable);
    const deployed = row.online === undefined ? 'local' : 'yes';

    const report = readReport(row.answer);
    if (typeof report === 'string') {
      trouble(report);
      return {
        function: name,
        deployed,
        version: '?',
        variables: row.online === undefined ? '?' : `${onlineNames.length} set`,
        permissions: '?',
        database: '?',
        ...unasked,
      };
    }
    const ownNames = Object.entries(report.variables).flatMap(([variable, state]) =>
      state === 'set' ? [variable] : [],
    );
    for (const variable of ownNames) set.add(variable);
    const current = report.build === planned.build;
    if (!current)
      trouble('another build is online than the one here; deploy, or check out what was deployed');
    if (report.database !== 'ok')
      trouble(`the database did not answer (${report.database}); is it on in this environment?`);
    const permissions = summarize(planned, report, (what, isTrouble) =>
      isTrouble ? trouble(what) : advise(what, name),
    );
    return {
      function: name,
      deployed,
      version: current ? report.version : `${report.version}, another build`,
      variables: `${ownNames.length} set`,
      permissions,
      database: report.database,
      token: tokenCell(report, trouble),
      // A local WeChat has only just begun, and nobody has written in it.
      push: pushCell(report, now, (what) => row.online !== undefined && advise(what, name)),
      callback: callbackCell(report, row.callback, trouble),
    };
  });

  return {
    well,
    rows,
    variablesSet: [...set].sort(),
    todo: [...todo].map(([what, names]) =>
      names.length === functions.length && names.length > 1
        ? `all functions: ${what}`
        : `${names.join(', ')}: ${what}`,
    ),
  };
}

function tokenCell({ token }: SelfCheck, trouble: (what: string) => void): string {
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
  probe: CallbackProbe | undefined,
  trouble: (what: string) => void,
): string {
  if (callback === undefined) return '—';
  if (callback === 'not set up' || probe === undefined) return callback;
  if (probe.ok) return `ok, ${callback}`;
  trouble(
    `the callback address ${probe.address} ${probe.why}; make its HTTP access path (the list at the end of npm run deploy), or name the address with --callback`,
  );
  return 'NO ANSWER';
}

/** Where the settings online are not those of `cloudbaserc.json`. */
function compare({ entry }: PlannedFunction, online: OnlineFunction): string[] {
  const lines = (['timeout', 'memorySize', 'handler'] as const)
    .filter((key) => online[key] !== undefined && online[key] !== entry[key])
    .map((key) => `${key} is ${online[key]} online and ${entry[key]} here; deploy again`);
  if (online.runtime !== undefined && online.runtime !== entry.runtime)
    lines.push(
      `runs on ${online.runtime}, not ${entry.runtime}; delete it in the console and deploy it anew`,
    );
  return lines;
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
function summarize(
  { permissions: needed }: PlannedFunction,
  { permissions }: SelfCheck,
  advise: (what: string, isTrouble: boolean) => void,
): string {
  const states = needed.map((api) => ({ api, state: permissions[api] }));
  for (const { api, state } of states) {
    if (state === undefined) {
      advise(`${api} is not in the config.json online; deploy again`, true);
    } else if (state !== 'granted' && state !== 'unused') {
      const advice =
        permissionAdvice[state] ?? `WeChat gave no clear answer (${state}); ask again in a minute`;
      advise(`${api}: ${advice}`, state !== 'no-context');
    }
  }
  const count = (wanted: (state: PermissionState | undefined) => boolean) =>
    states.filter(({ state }) => wanted(state)).length;
  const used = states.length - count((state) => state === 'unused');
  const granted = count((state) => state === 'granted');
  if (states.length === 0) return 'none needed';
  if (count((state) => state === 'no-context') === used && used > 0) return 'not to be seen from here';
  const missing = states.filter(({ state }) => state === 'missing').map(({ api }) => api);
  return missing.length > 0 ? `MISSING ${missing.join(', ')}` : `${granted} of ${used} granted`;
}
