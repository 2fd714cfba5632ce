import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Settings } from '../../core/settings';
import {
  type AskModel,
  type ModelCall,
  ModelFailure,
  type ModelMessage,
  type ModelPart,
  type ModelRequest,
} from '../../functions/answer/model';
import { type Credentials, failureOf, forgetToken, ownKey, ownToken } from './own-token';
import { readBody } from './read-body';

/**
 * The way to a model: `POST {MODEL_URL}/chat/completions` with `stream: true`, which CloudBase's, Hunyuan's, DeepSeek's,
 * Qwen's and local ones speak. What goes wrong says which kind of failure it was and nothing else: neither key nor
 * address nor words are in it.
 */
export function modelOf(
  { modelUrl, modelKey, modelName }: Settings,
  credentials: () => Credentials | undefined,
): AskModel {
  const isOwn = modelKey === ownKey;
  return async function* (request): AsyncGenerator<ModelPart> {
    if (modelUrl === '') throw new ModelFailure('NotSetUp');
    const abort = new AbortController();
    const end = () => abort.abort();
    const timer = setTimeout(end, request.withinMs);
    request.signal.addEventListener('abort', end);
    if (request.signal.aborted) end();
    try {
      const key = isOwn ? await ownToken(modelUrl, credentials(), abort.signal) : modelKey;
      const response = await fetch(`${modelUrl}/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(bodyOf(request, modelName)),
        signal: abort.signal,
        redirect: 'error',
      });
      if (isOwn && response.status === 401) {
        forgetToken(modelUrl);
        throw new ModelFailure('Refused', true);
      }
      if (!response.ok) throw failureOf(response.status);
      yield* readParts(response, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) throw new ModelFailure('Late');
      if (error instanceof ModelFailure) throw error;
      throw new ModelFailure('Cut', true);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', end);
      // Where its reader wants no more, the stream is not read to its end.
      end();
    }
  };
}

function bodyOf({ messages, tools }: ModelRequest, model: string): object {
  return {
    ...(model === '' ? {} : { model }),
    messages: messages.map(toWire),
    stream: true,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
  };
}

function toWire(message: ModelMessage): object {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.id, content: message.content };
  if (message.role !== 'assistant') return { role: message.role, content: contentOf(message) };
  if (message.calls === undefined) return message;
  const calls = message.calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: input },
  }));
  return { role: 'assistant', content: message.content, tool_calls: calls };
}

/** A text, or the parts that a text and pictures are sent as. */
function contentOf({
  content,
  pictures = [],
}: Extract<ModelMessage, { pictures?: unknown }>): string | object[] {
  if (pictures.length === 0) return content;
  const shown = pictures.map(({ contentType, bytes }) => ({
    type: 'image_url',
    image_url: { url: `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}` },
  }));
  return content === '' ? shown : [{ type: 'text', text: content }, ...shown];
}

/** What is used of a piece of the stream. */
interface Chunk {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: unknown;
      readonly tool_calls?: readonly {
        readonly index?: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
    readonly finish_reason?: string | null;
  }[];
}

async function* readParts(response: Response, signal: AbortSignal): AsyncGenerator<ModelPart> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const calls: { id: string; name: string; input: string }[] = [];
  let isWhole = false;
  for await (const text of readBody(response, signal)) {
    parser.feed(text);
    for (const { data } of events.splice(0)) {
      if (data === '[DONE]') isWhole = true;
      else {
        const choice = readChunk(data).choices?.[0];
        const content = choice?.delta?.content;
        if (typeof content === 'string' && content !== '') yield { kind: 'text', text: content };
        for (const { index = 0, id, function: called } of choice?.delta?.tool_calls ?? []) {
          const call = calls[index] ?? { id: '', name: '', input: '' };
          calls[index] = {
            id: id ?? call.id,
            name: call.name + (called?.name ?? ''),
            input: call.input + (called?.arguments ?? ''),
          };
        }
        if (typeof choice?.finish_reason === 'string') isWhole = true;
      }
    }
  }
  if (!isWhole) throw new ModelFailure('Cut');
  for (const call of calls.filter((each): each is ModelCall => each !== undefined))
    yield { kind: 'call', call };
}

function readChunk(data: string): Chunk {
  try {
    const chunk: unknown = JSON.parse(data);
    if (typeof chunk === 'object' && chunk !== null) return chunk;
  } catch {
    // Said below.
  }
  throw new ModelFailure('Nonsense');
}
