import { describe, expect, test } from '@jest/globals';
import { type Asked, askWith, before } from '../../../shared/functions/answer/ask';
import {
  type AskModel,
  ModelFailure,
  type ModelPart,
  type ModelRequest,
} from '../../../shared/functions/answer/model';
import { type Ask, handOverTool, type ToolInput, type Turn } from '../../../shared/functions/rules/turn';
import { createWorld } from '../../world/world';

/** Asking a model: what it is told, how often it is asked, what its tools are given, and what comes of it. */

const second = 1000;

/** What a model does in a round: says, calls a tool, waits, fails. */
type Deed = string | number | { readonly call: string; readonly input?: string } | Error;

interface Scene {
  readonly ask?: Partial<Ask>;
  /** The rounds, one after the other; the last again and again. */
  readonly rounds?: readonly (readonly Deed[])[];
  readonly history?: Turn['history'];
  readonly withinMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks: what was said, what came of it, and what the model was asked, when. */
async function asked({
  ask,
  rounds = [['answer']],
  history = [],
  withinMs = 40 * second,
  signal,
}: Scene = {}) {
  const world = createWorld({ databaseMs: 0 });
  const startedAt = world.time.now();
  const requests: (ModelRequest & { readonly at: number })[] = [];
  const askModel: AskModel = async function* (request) {
    requests.push({ ...request, messages: [...request.messages], at: world.time.now() - startedAt });
    for (const deed of rounds[requests.length - 1] ?? rounds.at(-1) ?? []) {
      if (typeof deed === 'string') yield { kind: 'text', text: deed };
      else if (typeof deed === 'number') await world.time.wait(deed);
      else if (deed instanceof Error) throw deed;
      else
        yield {
          kind: 'call',
          call: { id: 'c', name: deed.call, input: deed.input ?? '{}' },
        } satisfies ModelPart;
    }
  };
  const { ports } = world.createProcess();
  const answer = askWith({
    ask: { instructions: 'be kind', ...ask },
    turn: { openid: 'oUser', history } as unknown as Turn,
    shown: { text: 'question', pictures: [] },
    askModel,
    signal: signal ?? new AbortController().signal,
    deadline: startedAt + withinMs,
    ports,
  });
  const run = async () => {
    const said: string[] = [];
    for (;;) {
      const next = await answer.next();
      if (next.done === true) return { said, asked: next.value satisfies Asked };
      said.push(next.value);
    }
  };
  return { ...(await world.time.until(run())), requests, lines: world.lines };
}

const roles = ({ messages }: ModelRequest) => messages.map(({ role, content }) => `${role} ${content}`);

describe('a model is told', () => {
  const history = (['user', 'service', 'person'] as const).map((from, at) => ({
    from,
    text: `${from} said`,
    at,
  }));

  test('the instructions, what was said before, and the question', async () => {
    const { requests } = await asked({ history });
    expect(requests.map(roles)).toEqual([
      [
        'system be kind',
        'user user said',
        'assistant service said',
        'assistant person said',
        'user question',
      ],
    ]);
    expect(requests[0]?.messages.at(-1)).toEqual({ role: 'user', content: 'question', pictures: [] });
    expect(requests[0]?.withinMs).toBe(40 * second);
  });

  test('as much of it as its rule says, the newest', async () => {
    const told = async (ask: Partial<Ask>, said: Turn['history']) =>
      (await asked({ ask, history: said })).requests[0]?.messages.slice(1, -1).map(({ content }) => content);
    expect(await told({ history: 2 }, history)).toEqual(['service said', 'person said']);
    expect(await told({ history: 0 }, history)).toEqual([]);
    const much = Array.from({ length: 25 }, (_, at) => ({ from: 'user', text: `${at}`, at }) as const);
    expect(await told({}, much)).toEqual(much.slice(5).map(({ text }) => text));
  });

  test('its tools: those of its rule, with what each takes, and the one that hands over, unless the rule says no', async () => {
    const tools = {
      order: {
        description: 'an order',
        parameters: {
          number: { type: 'string', description: 'its number' },
          size: { type: 'string', enum: ['s', 'm'], optional: true },
        },
        run: async () => 1,
      },
      now: { description: 'the time', run: async () => 1 },
    } as const;
    const own = [
      {
        name: 'order',
        description: 'an order',
        parameters: {
          type: 'object',
          properties: {
            number: { type: 'string', description: 'its number' },
            size: { type: 'string', enum: ['s', 'm'] },
          },
          required: ['number'],
          additionalProperties: false,
        },
      },
      {
        name: 'now',
        description: 'the time',
        parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
      },
    ];
    const { requests } = await asked({ ask: { tools } });
    expect(requests[0]?.tools.slice(0, 2)).toEqual(own);
    expect(requests[0]?.tools[2]).toEqual({
      name: handOverTool,
      description: expect.stringContaining('人工'),
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
    });
    expect((await asked({ ask: { tools, handOver: false } })).requests[0]?.tools).toEqual(own);
    expect((await asked({ ask: { handOver: false } })).requests[0]?.tools).toEqual([]);
  });
});

describe('what a model says', () => {
  test('is given as it comes, and is whole at its end', async () => {
    expect(await asked({ rounds: [['one ', 'two']] })).toMatchObject({
      said: ['one ', 'two'],
      asked: 'whole',
    });
  });

  test('counts in characters, and ends where there are as many as may be', async () => {
    const {
      said,
      asked: came,
      requests,
    } = await asked({ ask: { characters: 4 }, rounds: [['😀一', '😀二三', 'four']] });
    expect([said, came, requests.length]).toEqual([['😀一', '😀二'], 'too-long', 1]);
    expect(await asked({ ask: { characters: 3 }, rounds: [['abc']] })).toMatchObject({ asked: 'too-long' });
    expect(await asked({ ask: { characters: 4 }, rounds: [['abc']] })).toMatchObject({ asked: 'whole' });
  });

  test('over several rounds is as long together, and each is a paragraph of its own', async () => {
    const rounds = [['one', { call: 'none' }], [' ', { call: 'none' }], ['two']];
    expect(await asked({ rounds })).toMatchObject({ said: ['one', '\n\n', ' ', 'two'], asked: 'whole' });
    expect(await asked({ rounds, ask: { characters: 5 } })).toMatchObject({ asked: 'too-long' });
  });

  test('and is nothing but empty is no answer', async () => {
    for (const rounds of [[[]], [['', ' \n']]])
      expect(await asked({ rounds })).toMatchObject({ asked: 'failed', lines: [] });
  });

  test('and calls for a person hands over, unless the rule says no', async () => {
    const rounds = [['wait', { call: 'none' }, { call: handOverTool }], ['more']];
    expect(await asked({ rounds })).toMatchObject({ said: ['wait'], asked: 'hand-over' });
    const refused = await asked({ rounds, ask: { handOver: false } });
    expect(refused).toMatchObject({ said: ['wait', '\n\n', 'more'], asked: 'whole' });
    expect(roles(refused.requests[1] as ModelRequest).at(-1)).toContain('no such tool');
  });
});

describe('a round', () => {
  const toolOf = (run: (input: ToolInput, turn: Turn) => Promise<unknown>, parameters = {}) => ({
    tool: { description: 'x', parameters, run },
  });

  test('with a tool’s answer follows the call of it', async () => {
    const turns: Turn[] = [];
    const tools = toolOf(async (_input, turn) => {
      turns.push(turn);
      return { status: 'sent' };
    });
    const { requests } = await asked({ ask: { tools }, rounds: [['one', { call: 'tool' }], ['two']] });
    expect(requests[1]?.messages.slice(2)).toEqual([
      { role: 'assistant', content: 'one', calls: [{ id: 'c', name: 'tool', input: '{}' }] },
      { role: 'tool', id: 'c', content: '{"status":"sent"}' },
    ]);
    expect(turns).toMatchObject([{ openid: 'oUser' }]);
  });

  test('is one of five at most, or of as many as the rule says', async () => {
    const rounds = [['x', { call: 'none' }]];
    for (const [ask, count] of [
      [{}, 5],
      [{ rounds: 2 }, 2],
    ] as const) {
      const { requests, asked: came, lines } = await asked({ rounds, ask });
      expect([requests.length, came]).toEqual([count, 'failed']);
      expect(lines).toEqual(['{"step":"ask","failed":true,"why":"too many rounds"}']);
    }
  });

  test.each([
    ['what is no JSON', 'x'],
    ['null', 'null'],
    ['a number', '5'],
  ])('in which a tool is handed %s tells the model so, and the tool is not run', async (_what, input) => {
    let runs = 0;
    const tools = toolOf(async () => {
      runs += 1;
    });
    const { requests, asked: came } = await asked({
      ask: { tools },
      rounds: [[{ call: 'tool', input }], ['x']],
    });
    expect([runs, came]).toEqual([0, 'whole']);
    expect(requests[1]?.messages.at(-1)?.content).toContain('not those of this tool');
  });

  test('hands a tool what it declares, of the types that it declares', async () => {
    const inputs: ToolInput[] = [];
    const tools = toolOf(async (input) => void inputs.push(input), {
      count: { type: 'integer', optional: true },
      on: { type: 'boolean', optional: true },
      size: { type: 'string', enum: ['s', 'm'], optional: true },
    });
    const given = [
      '',
      '  ',
      '{}',
      '{"count":null}',
      '{"count":1.5}',
      '{"count":2}',
      '{"on":"true"}',
      '{"size":"xl"}',
      '{"size":"m"}',
      '{"on":true,"x":1}',
    ];
    await asked({
      ask: { tools, rounds: 20 },
      rounds: [given.map((input) => ({ call: 'tool', input })), ['x']],
    });
    expect(inputs).toEqual([{}, {}, {}, {}, { count: 2 }, { size: 'm' }, { on: true }]);
  });

  test('asks for what must be there', async () => {
    const inputs: ToolInput[] = [];
    const tools = toolOf(async (input) => void inputs.push(input), { count: { type: 'integer' } });
    await asked({
      ask: { tools },
      rounds: [[{ call: 'tool', input: '{"count":null}' }, { call: 'tool' }], ['x']],
    });
    expect(inputs).toEqual([]);
  });

  test.each([
    ['nothing', async () => undefined, 'null'],
    ['much', async () => 'x'.repeat(9000), `"${'x'.repeat(7999)}`],
    ['a failure', () => Promise.reject(new Error('secret')), '{"error":"it did not work"}'],
    ['never', () => new Promise(() => undefined), '{"error":"it did not work"}'],
  ])('with a tool that answers %s goes on', async (_what, run, content) => {
    const { requests, lines } = await asked({
      ask: { tools: toolOf(run) },
      rounds: [[{ call: 'tool' }], ['x']],
      withinMs: 5000,
    });
    // A tool that never answers has all the time there is, and none is left for another round.
    if (_what === 'never') expect([requests.length, lines.length]).toEqual([1, 2]);
    else expect(requests[1]?.messages.at(-1)?.content).toBe(content);
    expect(lines.join()).not.toContain('secret');
  });
});

describe('a model that is busy', () => {
  const busy = new ModelFailure('Busy', true);

  test('is asked again after one, two, four and eight seconds, and no more', async () => {
    const { requests, asked: came, lines } = await asked({ rounds: [[busy]] });
    expect(requests.map(({ at }) => at / second)).toEqual([0, 1, 3, 7, 15]);
    expect(requests.map(({ withinMs }) => withinMs / second)).toEqual([40, 39, 37, 33, 25]);
    expect(came).toBe('failed');
    expect(lines).toEqual(['{"step":"ask","failed":true,"why":"ModelBusy"}']);
  });

  test('and then is not, has answered', async () => {
    expect(await asked({ rounds: [[busy], ['answer']] })).toMatchObject({ said: ['answer'], asked: 'whole' });
  });

  test('is not asked again where the pause would take all the time that is left', async () => {
    expect(await asked({ rounds: [[busy]], withinMs: 2999 })).toMatchObject({
      requests: { length: 2 },
      lines: ['{"step":"ask","failed":true,"why":"ModelBusy"}'],
    });
    expect((await asked({ rounds: [[busy]], withinMs: 3001 })).requests).toHaveLength(3);
    // The pause fits to the millisecond, and then nothing is left to be asked in.
    expect(await asked({ rounds: [[busy]], withinMs: 3000 })).toMatchObject({
      requests: { length: 2 },
      lines: ['{"step":"ask","failed":true,"why":"ModelLate"}'],
    });
  });

  test('after it has said something is not asked for it again', async () => {
    expect(await asked({ rounds: [['one', busy], ['two']] })).toMatchObject({
      said: ['one'],
      asked: 'failed',
    });
  });

  test('is not asked again by an answer that nobody wants any more', async () => {
    expect((await asked({ rounds: [[busy]], signal: AbortSignal.abort() })).requests).toHaveLength(1);
  });

  test.each([
    ['refuses', new ModelFailure('Refused')],
    ['fails in another way', new Error('secret')],
  ])('is one thing, and one that %s is another: it is not asked again', async (_how, error) => {
    const { requests, asked: came, lines } = await asked({ rounds: [[error], ['answer']] });
    expect([requests.length, came]).toEqual([1, 'failed']);
    expect(lines).toEqual([`{"step":"ask","failed":true,"why":"${error.name}"}`]);
  });

  test('is not asked at all where no time is left', async () => {
    expect(await asked({ withinMs: 0 })).toMatchObject({ requests: [], asked: 'failed' });
  });
});

describe('the owner’s code', () => {
  const waiting = async (
    withinMs: number,
    work: (wait: (ms: number) => Promise<void>) => Promise<unknown>,
  ) => {
    const world = createWorld();
    const startedAt = world.time.now();
    const { ports } = world.createProcess();
    let watches = 0;
    const every: typeof ports.every = (ms, watch) => {
      const stop = ports.every(ms, watch);
      watches += 1;
      return () => {
        watches -= 1;
        stop();
      };
    };
    const waits = before(startedAt + withinMs, work(world.time.wait), { ...ports, every });
    const came = await world.time.until(waits.catch((error: Error) => error.name));
    expect(watches).toBe(0);
    return [came, world.time.now() - startedAt];
  };

  test('is waited for until its time is up', async () => {
    expect(await waiting(1000, (wait) => wait(999).then(() => 'done'))).toEqual(['done', 999]);
    expect(await waiting(1000, (wait) => wait(1001))).toEqual(['ModelLate', 1000]);
    expect(await waiting(-5, (wait) => wait(1000))).toEqual(['ModelLate', 1]);
  });

  test('fails as it does', async () => {
    expect(await waiting(1000, () => Promise.reject(new TypeError('x')))).toEqual(['TypeError', 0]);
  });
});
