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

export interface LocalModel {
  /** `/v1/chat/completions`. */
  readonly api: Hono;
  /** What it was asked, and how it misbehaves. */
  look(): object;
  /** Has it misbehave from here on, or no more. */
  misbehave(how?: { behaviour?: Behaviour; delayMs?: number; times?: number }): void;
  reset(): void;
}

/** How long it takes for a piece of a sentence, and how long that is. */
const pieceMs = 15;
const pieceLength = 12;

const usualDelayMs = 30_000;

/** @param seed of its words */
export function createModel(seed = 1): LocalModel {
  let misbehaving: Misbehaving | undefined;
  let requests: ModelRequest[] = [];
  const api = new Hono();

  api.post('/v1/chat/completions', async (context) => {
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
    const { behaviour, delayMs } = strike(messages);
    if (behaviour === 'busy') return context.json({ error: { message: 'rate limit' } }, 429);
    if (behaviour === 'broken') return context.json({ error: { message: 'internal error' } }, 500);
    const way = behaviour === 'long' || behaviour === 'tool' ? behaviour : undefined;
    return speak(context, answerTo(asked, seed, way), behaviour, delayMs);
  });

  const strike = (messages: readonly ModelMessage[]): { behaviour?: Behaviour; delayMs: number } => {
    if (misbehaving !== undefined && misbehaving.times > 0) {
      misbehaving.times -= 1;
      return misbehaving;
    }
    const last = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const named = (Object.keys(modelBehaviours) as Behaviour[]).find((name) => last.includes(`#${name}`));
    return { ...(named === undefined ? {} : { behaviour: named }), delayMs: usualDelayMs };
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
): Response {
  context.header('content-type', 'text/event-stream');
  return stream(context, async (out) => {
    const write = (delta: object, reason: string | null = null) =>
      out.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`);
    if (behaviour === 'slow') await pause(delayMs, undefined, { ref: false });
    if (behaviour === 'garbage') {
      await out.write('data: {"choices": [\n\ndata: <html>502</html>\n\n');
      return;
    }
    const said = behaviour === 'empty' ? '' : text;
    const end = behaviour === 'cut' ? Math.ceil(said.length / 2) : said.length;
    // What is long is said in larger pieces, or it would take a minute.
    const length = Math.max(pieceLength, Math.ceil(said.length / 100));
    for (let from = 0; from < end && !out.aborted; from += length) {
      await write({ content: said.slice(from, Math.min(end, from + length)) });
      await pause(pieceMs);
    }
    if (behaviour === 'cut') return;
    if (call !== undefined && behaviour !== 'empty') {
      const { name, input } = call;
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
