import { logFailure, logThrown } from '../../core/failures';
import type { Ports } from '../../core/ports';
import {
  type Ask,
  handOverTool,
  type Tool,
  type ToolInput,
  type ToolParameter,
  type Turn,
} from '../rules/turn';
import {
  type AskModel,
  type ModelCall,
  ModelFailure,
  type ModelMessage,
  type ModelPart,
  type ModelTool,
} from './model';
import type { Shown } from './shown';

/** Asking a model: rounds with its tools, within a time and a length. */

/** What of `ask` is left out. */
export const askDefaults = { rounds: 5, seconds: 45, characters: 2000, history: 20 } as const;

/** What came of asking, once the text that was given is said. */
export type Asked = 'whole' | 'too-long' | 'hand-over' | 'failed';

/** The pauses before a model that was busy is asked again. */
const pausesMs = [1000, 2000, 4000, 8000];

/** What the asking needs. */
export interface Asking {
  readonly ask: Ask;
  readonly turn: Turn;
  /** What the user sent. */
  readonly shown: Shown;
  readonly askModel: AskModel;
  readonly signal: AbortSignal;
  /** By when all of it must be over, in milliseconds since 1970. */
  readonly deadline: number;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'sleep' | 'every'>;
}

/** Gives the model's words as they come, and at last what came of it. Never throws. */
export async function* askWith(asking: Asking): AsyncGenerator<string, Asked> {
  const { ask, ports } = asking;
  const messages: ModelMessage[] = openingOf(asking);
  const { rounds = askDefaults.rounds, characters = askDefaults.characters } = ask;
  let left = characters;
  let said = false;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      let content = '';
      const calls: ModelCall[] = [];
      for await (const part of askPatiently(asking, messages)) {
        if (part.kind === 'call') calls.push(part.call);
        else {
          const text = [...part.text].slice(0, left).join('');
          left -= [...text].length;
          content += text;
          if (text.trim() !== '') said = true;
          yield text;
          if (left <= 0) return 'too-long';
        }
      }
      if (calls.some(({ name }) => name === handOverTool) && ask.handOver !== false) return 'hand-over';
      if (calls.length === 0) return said ? 'whole' : 'failed';
      messages.push({ role: 'assistant', content, calls });
      for (const call of calls) {
        const result = await useTool(call, asking);
        messages.push({ role: 'tool', id: call.id, content: result });
      }
      if (content.trim() !== '') yield '\n\n';
    }
    logFailure(ports, 'ask', { why: 'too many rounds' });
  } catch (error) {
    logThrown(ports, 'ask', error);
  }
  return 'failed';
}

function openingOf({ ask, turn, shown }: Asking): ModelMessage[] {
  const { instructions, history = askDefaults.history } = ask;
  const before = history === 0 ? [] : turn.history.slice(-history);
  return [
    { role: 'system', content: instructions },
    ...before.map(
      ({ from, text }): ModelMessage => ({ role: from === 'user' ? 'user' : 'assistant', content: text }),
    ),
    { role: 'user', content: shown.text, pictures: shown.pictures },
  ];
}

/** Asks, and asks again where the model was busy and had said nothing yet. */
async function* askPatiently(
  { ask, askModel, signal, deadline, ports }: Asking,
  messages: readonly ModelMessage[],
): AsyncGenerator<ModelPart> {
  const tools = toolsOf(ask);
  for (const pauseMs of [...pausesMs, undefined]) {
    const withinMs = deadline - ports.clock.now();
    if (withinMs <= 0) throw new ModelFailure('Late');
    let begun = false;
    try {
      for await (const part of askModel({ messages, tools, withinMs, signal })) {
        begun = true;
        yield part;
      }
      return;
    } catch (error) {
      const isPatient = error instanceof ModelFailure && error.retryable && !begun && pauseMs !== undefined;
      if (!isPatient || signal.aborted || deadline - ports.clock.now() < pauseMs) throw error;
      await ports.sleep(pauseMs);
    }
  }
}

function toolsOf({ tools = {}, handOver = true }: Ask): ModelTool[] {
  const own = Object.entries(tools).map(([name, { description, parameters = {} }]) => ({
    name,
    description,
    parameters: schemaOf(parameters),
  }));
  const description = '把会话转给人工客服。用户要求人工，或你帮不了时使用。';
  return handOver ? [...own, { name: handOverTool, description, parameters: schemaOf({}) }] : own;
}

function schemaOf(parameters: { readonly [name: string]: ToolParameter }): object {
  const properties = Object.entries(parameters).map(([name, { optional: _, ...schema }]) => [name, schema]);
  const required = Object.keys(parameters).filter((name) => parameters[name]?.optional !== true);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required,
    additionalProperties: false,
  };
}

/** The longest that a tool's answer may be, in characters: it is sent to the model with all that follows. */
const longestResult = 8000;

/** What a tool answers, as the model is told it. A tool that fails is the model's to explain. */
async function useTool(call: ModelCall, { ask, turn, deadline, ports }: Asking): Promise<string> {
  const tool = Object.hasOwn(ask.tools ?? {}, call.name) ? ask.tools?.[call.name] : undefined;
  if (tool === undefined) return '{"error":"there is no such tool"}';
  const input = readInput(call.input, tool);
  if (input === undefined) return '{"error":"the parameters are not those of this tool"}';
  try {
    const result = await before(deadline, tool.run(input, turn), ports);
    return (JSON.stringify(result) ?? 'null').slice(0, longestResult);
  } catch (error) {
    logThrown(ports, 'tool', error);
    return '{"error":"it did not work"}';
  }
}

/** The declared parameters, of the declared types; what else a model wrote is left out. */
function readInput(text: string, { parameters = {} }: Tool): ToolInput | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text.trim() === '' ? '{}' : text);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const input: Record<string, string | number | boolean> = {};
  for (const [name, row] of Object.entries(parameters)) {
    const value: unknown = Object.hasOwn(given, name)
      ? (given as { [name: string]: unknown })[name]
      : undefined;
    if (value === undefined || value === null) {
      if (row.optional !== true) return undefined;
    } else if (isOf(row, value)) input[name] = value;
    else return undefined;
  }
  return input;
}

function isOf({ type, enum: words }: ToolParameter, value: unknown): value is string | number | boolean {
  const isType = type === 'integer' ? Number.isInteger(value) : typeof value === type;
  return isType && (words === undefined || words.includes(value as string | number));
}

/** Waits for the owner's code until a moment. */
export async function before<T>(
  deadline: number,
  work: Promise<T>,
  { clock, every }: Pick<Ports, 'clock' | 'every'>,
): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = every(Math.max(1, deadline - clock.now()), () => reject(new ModelFailure('Late')));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}
