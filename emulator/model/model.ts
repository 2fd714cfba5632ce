import { setTimeout as pause } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import {
  answerTo,
  type ModelMessage,
  type ModelTool,
  type Planned,
  readMessage,
  type SentMessage,
} from './words';

/**
 * A model for a machine without one: `POST /model/v1/chat/completions` with `stream: true`, at the interface that all of
 * them speak. It says the same to the same words, calls tools where they are offered, and fails on demand.
 */

/** How it misbehaves: where REST says so, or where the user's words have `#` and the name in them. */
export const modelBehaviours = {
  slow: 'thinks for delayMs before its first word',
  cut: 'ends the stream in the middle of a sentence',
  busy: 'answers 429',
  broken: 'answers 500',
  garbage: 'streams what is no JSON',
  empty: 'says nothing',
  long: 'says 20 KB of Markdown',
  drip: 'says 20 KB of Markdown over delayMs',
  tool: 'calls the first tool that it is offered',
} as const satisfies Record<string, string>;

export type Behaviour = keyof typeof modelBehaviours;

interface Misbehaving {
  readonly behaviour: Behaviour;
  readonly delayMs: number;
  times: number;
}

/** What it was asked. */
export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** Whether a key came along; never which. */
  readonly hasKey: boolean;
}

/** What it was asked, and what it said. */
export interface ModelAnswer extends ModelRequest {
  readonly said: string;
  /** The tool that it called. */
  readonly call?: Planned['call'];
  readonly behaviour?: Behaviour | undefined;
  readonly durationMs: number;
}

export interface LocalModel {
  /** `/v1/chat/completions`, and the same behind the name of the instance that asks: `/v1/3/chat/completions`. */
  readonly api: Hono;
  /** What it was asked, and how it misbehaves. */
  look(): object;
  /** Has it misbehave from here on, or no more. */
  misbehave(how?: { behaviour?: Behaviour | undefined; delayMs?: number; times?: number }): void;
  reset(): void;
}

/** What it says, where that is not decided by the words alone. */
const ways: { readonly [B in Behaviour]?: 'long' | 'tool' } = { long: 'long', drip: 'long', tool: 'tool' };

/** How long it takes for a piece of a sentence, and how long that is. */
const pieceMs = 15;
const pieceLength = 12;

/** In how many pieces something long is said. */
const longPieces = 100;

const usualDelayMs = 30_000;

/**
 * @param seed of its words
 * @param onAsked is told which instance asks; what it gives is told the answer, whole or broken off
 */
export function createModel(
  seed: number | undefined,
  onAsked: (instance: string) => (answer: ModelAnswer) => void,
): LocalModel {
  let misbehaving: Misbehaving | undefined;
  let requests: ModelRequest[] = [];
  const api = new Hono();

  api.on('POST', ['/v1/chat/completions', '/v1/:instance/chat/completions'], async (context: Context) => {
    const startedAt = performance.now();
    const body = (await context.req.json().catch(() => undefined)) as
      | { messages?: SentMessage[]; tools?: { function: ModelTool }[]; stream?: boolean }
      | undefined;
    if (body?.stream !== true || !Array.isArray(body.messages))
      return context.json({ error: { message: 'needs messages and stream: true' } }, 400);
    const { tools = [] } = body;
    const messages = body.messages.map(readMessage);
    const asked = {
      messages,
      tools: tools.map((tool) => tool.function),
      hasKey: context.req.header('authorization') !== undefined,
    };
    requests.push(asked);
    const ofStory = requests;
    const onAnswer = onAsked(context.req.param('instance') ?? '');
    const { behaviour, delayMs } = strike(messages);
    const tell = ({ text, call }: Planned) => {
      // What is over after a reset is of a story that nobody reads any more.
      if (ofStory !== requests) return;
      const durationMs = Math.round(performance.now() - startedAt);
      onAnswer({ ...asked, said: text, call, behaviour, durationMs });
    };
    if (behaviour === 'busy' || behaviour === 'broken') {
      tell({ text: '' });
      return behaviour === 'busy'
        ? context.json({ error: { message: 'rate limit' } }, 429)
        : context.json({ error: { message: 'internal error' } }, 500);
    }
    return speak(context, answerTo(asked, seed ?? 1, ways[behaviour ?? 'slow']), behaviour, delayMs, tell);
  });

  const strike = (
    messages: readonly ModelMessage[],
  ): { behaviour?: Behaviour | undefined; delayMs: number } => {
    if (misbehaving !== undefined && misbehaving.times > 0) {
      misbehaving.times -= 1;
      return misbehaving;
    }
    const last = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const behaviour = (Object.keys(modelBehaviours) as Behaviour[]).find((name) => last.includes(`#${name}`));
    return { behaviour, delayMs: usualDelayMs };
  };

  return {
    api,
    look: () => ({ behaviours: modelBehaviours, misbehaving, requests }),
    misbehave({ behaviour, delayMs = usualDelayMs, times = 1e9 } = {}) {
      misbehaving = behaviour === undefined ? undefined : { behaviour, delayMs, times };
    },
    reset() {
      misbehaving = undefined;
      requests = [];
    },
  };
}

function speak(
  context: Context,
  { text, call }: Planned,
  behaviour: Behaviour | undefined,
  delayMs: number,
  tell: (said: Planned) => void,
): Response {
  context.header('content-type', 'text/event-stream');
  return stream(context, async (out) => {
    const write = (delta: object, reason: string | null = null) =>
      out.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`);
    if (behaviour === 'slow') await pause(delayMs, undefined, { ref: false });
    if (behaviour === 'garbage') {
      await out.write('data: {"choices": [\n\ndata: <html>502</html>\n\n');
      tell({ text: '<html>502</html>' });
      return;
    }
    const said = behaviour === 'empty' ? '' : text;
    const end = behaviour === 'cut' ? Math.ceil(said.length / 2) : said.length;
    // What is long is said in larger pieces, or it would take a minute.
    const length = Math.max(pieceLength, Math.ceil(said.length / longPieces));
    let at = 0;
    for (; at < end && !out.aborted; at += length) {
      await write({ content: said.slice(at, Math.min(end, at + length)) });
      await pause(behaviour === 'drip' ? delayMs / longPieces : pieceMs);
    }
    const called = behaviour === 'empty' || behaviour === 'cut' ? undefined : call;
    tell({ text: said.slice(0, Math.min(end, at)), call: called });
    if (behaviour === 'cut') return;
    if (called !== undefined) {
      const { name, input } = called;
      // As models do: the name first, then what it is given, in pieces.
      await write({
        tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }],
      });
      for (const part of [input.slice(0, 5), input.slice(5)])
        await write({ tool_calls: [{ index: 0, function: { arguments: part } }] });
      await write({}, 'tool_calls');
    } else await write({}, 'stop');
    await out.write('data: [DONE]\n\n');
  });
}
