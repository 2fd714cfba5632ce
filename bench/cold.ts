import type { ColdResult } from './children/cold';
import { ratiosOf, type Section, spreadOf } from './statistics';
import { callContext, client, plainBundle, rivals, type Source, type Workplace } from './workplace';

/** Who calls, where it is no mini program. */
interface Example {
  readonly event: object;
  readonly source?: Source;
  /** What it has in its environment beside what all have. */
  readonly variables?: { readonly [name: string]: string };
}

/** An event that each function answers with all it does, so that the first answer is a whole one. */
const examples = (token: string): { readonly [name: string]: Example } => ({
  'kefu-send': { event: text },
  'kefu-typing': { event: { command: 'Typing' } },
  'kefu-upload-media': { event: { fileID: 'cloud://bench/a.png' } },
  'kefu-get-media': { event: { mediaId: 'M' } },
  'kefu-receive': {
    event: {
      ToUserName: 'gh_bench',
      FromUserName: 'oUser',
      CreateTime: 1_700_000_000,
      MsgType: 'text',
      Content: 'Hello World',
      MsgId: 1,
    },
    source: 'wx_push',
  },
  'kefu-outbox': { event: timer, source: 'wx_trigger' },
  'kefu-desk': {
    event: { action: 'list' },
    variables: { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: 'oUser' },
  },
  'kefu-answer': { event: timer, source: 'wx_trigger' },
  'kefu-template-send': { event: { touser: 'oUser', template_id: 'T', data: { thing1: { value: 'A' } } } },
  'kefu-notify': { event: {} },
  'kefu-subscribe-send': { event: { template_id: 'T', data: { thing1: { value: 'A' } } } },
  'kefu-gateway': {
    event: {
      httpMethod: 'POST',
      path: '/cgi-bin/message/custom/send',
      headers: { 'content-type': 'application/json' },
      queryStringParameters: { access_token: token },
      body: JSON.stringify({ touser: 'oUser', ...text }),
    },
  },
});

const timer = { Type: 'Timer', TriggerName: 'every-minute', Time: '2026-01-01T00:00:00Z' };
const text = { msgtype: 'text', text: { content: 'Hello World' } };

/** What a server asks of `kefu-gateway` before all else. */
const tokenRequest = {
  httpMethod: 'GET',
  path: '/cgi-bin/token',
  headers: {},
  queryStringParameters: { grant_type: 'client_credential', ...client },
};

async function getToken(workplace: Workplace): Promise<string> {
  const { result } = await workplace.run<ColdResult>('cold', [
    workplace.fileOf('kefu-gateway'),
    JSON.stringify(tokenRequest),
    callContext('wx_http'),
  ]);
  const { body } = result.answer as { body: string };
  return (JSON.parse(body) as { access_token: string }).access_token;
}

/** Whether a function did what it was asked, in each of the forms in which functions say so. */
function isDone(answer: unknown): boolean {
  const { errCode, statusCode, body, MsgType } = (answer ?? {}) as {
    errCode?: number;
    statusCode?: number;
    body?: string;
    MsgType?: string;
  };
  if (statusCode !== undefined) return statusCode === 200 && /"errcode":0/.test(body ?? '');
  return answer === 'success' || MsgType !== undefined || errCode === 0;
}

/** What a function may take at most of the documented set-up's time. */
const usualLimit = 0.35;
const limits: { readonly [name: string]: number } = { 'kefu-send': 0.22, 'kefu-typing': 0.22 };

/** Load and first answer in a fresh process, each round of all of them against the documented set-up of that round. */
export async function measureCold(workplace: Workplace): Promise<Section> {
  const names = [...Object.keys(rivals).filter((name) => name !== 'bare SDK call'), plainBundle];
  names.push(...workplace.functions);
  const results = new Map<string, (ColdResult & { wallMs: number })[]>(names.map((name) => [name, []]));
  const known = examples(await getToken(workplace));
  const without = workplace.functions.filter((name) => !(name in known));
  if (without.length > 0) throw new Error(`bench/cold.ts has no example for ${without.join(', ')}`);
  for (let round = 0; round < workplace.rounds; round += 1) {
    workplace.progress(`cold start: round ${round + 1} of ${workplace.rounds}`);
    // Every other round the other way round, so that neither gains by its place.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const {
        event,
        source = 'wx_client',
        variables = {},
      } = known[name === plainBundle ? 'kefu-send' : name] ?? {
        event: {},
      };
      const args = [
        workplace.fileOf(name),
        JSON.stringify(event),
        callContext(source),
        JSON.stringify(variables),
      ];
      const { result, wallMs } = await workplace.run<ColdResult>('cold', args);
      if (name in known && !isDone(result.answer)) {
        throw new Error(`${name} did not do what it was asked: ${JSON.stringify(result.answer)}`);
      }
      results.get(name)?.push({ ...result, wallMs });
    }
  }
  const of = (name: string, field: 'loadMs' | 'totalMs' | 'cpuMs' | 'wallMs') =>
    (results.get(name) ?? []).map((result) => result[field]);
  const against = 'of documented';
  return {
    title: 'Cold start',
    about:
      'Load and first answer in a fresh process; milliseconds are medians. “Of documented” and “processor” are ' +
      'ratios to the documented set-up, “process” is the whole process, with Node’s own start, to that of an empty ' +
      'function.',
    rows: names.map((name) => ({
      name,
      cells: {
        'load ms': spreadOf(of(name, 'loadMs')).median,
        'with answer ms': spreadOf(of(name, 'totalMs')).median,
        [against]: ratiosOf(of(name, 'totalMs'), of('documented', 'totalMs')),
        processor: ratiosOf(of(name, 'cpuMs'), of('documented', 'cpuMs')).median,
        process: ratiosOf(of(name, 'wallMs'), of('empty', 'wallMs')).median,
      },
      ...(workplace.functions.includes(name)
        ? { atMost: { column: against, limit: limits[name] ?? usualLimit } }
        : {}),
    })),
  };
}
