import { variables as knownVariables } from '../shared/core/settings';
import type { PlainObject } from '../shared/wechat/fields/values';
import type { EmulatorClock } from './clock';
import type { Entry } from './entries';
import type { EventLog } from './event-log';

/**
 * A story: what was done in a local WeChat since it was started or reset, as the REST calls under `/_emulator` that did
 * it. It can be kept as a JSON file and played again: by `npm start -- --story FILE`, on the page, in a test.
 */
export interface Story {
  /** What it is about. */
  readonly story: string;
  /** Variables of the functions that it needs; none that is secret. */
  readonly variables?: { readonly [name: string]: string };
  readonly steps: readonly StoryStep[];
}

/** One REST call: `{"request": "POST /users/oAnn/say", "body": {"MsgType": "text", "Content": "hello"}}`. */
export interface StoryStep {
  readonly request: string;
  /** JSON; of a file its bytes, as `{"base64": "…"}`. */
  readonly body?: unknown;
  /** How much later than the step before; the clock is advanced by what is missing. */
  readonly afterMs?: number;
  /** What the answer must hold; it may hold more. */
  readonly answer?: unknown;
}

/** A step that was played, and all that happened by it. */
export interface PlayedStep {
  readonly request: string;
  readonly answer: unknown;
  readonly entries: readonly Entry[];
}

/** The variables that the page, a story and REST may set: those that are no secret and lead nowhere else. */
export const openVariables: readonly string[] = [
  'KEFU_OPERATORS',
  'KEFU_CLIENT_SENDS',
  'KEFU_OUTBOX_KEEP',
  'KEFU_HISTORY_DAYS',
  'OFFICIAL_CHANNEL',
].filter((name) => Object.hasOwn(knownVariables, name));

/** A step that was played did not come to what the story says. */
export class StoryError extends Error {}

/** Reads a story, or says what is wrong with it. */
export function readStory(value: unknown): Story | string {
  const { story = '', variables = {}, steps } = (value ?? {}) as PlainObject;
  if (typeof story !== 'string' || !Array.isArray(steps))
    return 'a story is {"story": "what it is about", "steps": [{"request": "POST /call", "body": {…}}]}';
  const unknown = Object.entries(variables as object).find(
    ([name, set]) => !openVariables.includes(name) || typeof set !== 'string',
  );
  if (unknown !== undefined) return `variables: ${unknown[0]} is none of ${openVariables.join(', ')}`;
  for (const [index, step] of steps.entries()) {
    const { request, afterMs = 0 } = (step ?? {}) as PlainObject;
    if (typeof request !== 'string' || !/^(?:GET|POST|PUT) \//.test(request))
      return `steps[${index}].request must be a method and a path under /_emulator, as in "POST /call"`;
    if (/^POST \/(?:reset|story)\b/.test(request)) return `steps[${index}]: a story neither resets nor plays`;
    if (typeof afterMs !== 'number' || !(afterMs >= 0)) return `steps[${index}].afterMs must be 0 or more`;
  }
  return { story, variables: variables as Record<string, string>, steps: steps as StoryStep[] };
}

/** Writes down what is done, and does it again. */
export interface Stories {
  /** Notes a step that begins; what it gives notes its answer, or with `undefined` that it was refused. */
  begin(request: string, body: unknown): (answer: unknown) => void;
  /** What was done so far; up to the step that brought the entry `until` of the log, where one is named. */
  tell(until?: number): Story;
  /** Starts afresh and plays. Throws a {@link StoryError} that names the step where something came of it that should not. */
  play(story: Story): Promise<readonly PlayedStep[]>;
  reset(): void;
}

interface StoriesOptions {
  readonly url: string;
  readonly clock: EmulatorClock;
  readonly log: EventLog;
  /** The open variables as they are set. */
  readonly variables: () => { readonly [name: string]: string };
  readonly setVariables: (variables: { readonly [name: string]: string }) => void;
  readonly reset: () => void;
  /** Resolves when all that was begun is over. */
  readonly settled: () => Promise<void>;
}

interface Noted {
  step: StoryStep;
  /** The log's last entry when it began. */
  readonly seq: number;
}

/** What is longer is not kept whole in memory for ever: no more is noted. */
const mostSteps = 10_000;

/** Shorter pauses are those of a machine, not of a user. */
const leastPauseMs = 1000;

export function createStories(options: StoriesOptions): Stories {
  const { url, clock, log, reset, settled } = options;
  let noted: Noted[] = [];
  let startVariables = options.variables();
  let doneAt = clock.now();

  const send = async ({ request, body }: StoryStep): Promise<{ ok: boolean; answer: unknown }> => {
    const [method = '', path = ''] = request.split(' ');
    const { base64 } = (body ?? {}) as { readonly base64?: unknown };
    const isFile = path.startsWith('/files/') && typeof base64 === 'string';
    const response = await fetch(`${url}/_emulator${path}`, {
      method,
      ...(body === undefined ? {} : { body: isFile ? Buffer.from(base64, 'base64') : JSON.stringify(body) }),
    });
    return { ok: response.ok, answer: await response.json().catch(() => undefined) };
  };

  return {
    begin(request, body) {
      const now = clock.now();
      const pauseMs = noted.length === 0 ? 0 : now - doneAt;
      const note: Noted = {
        step: { request, body, ...(pauseMs >= leastPauseMs ? { afterMs: pauseMs } : {}) },
        seq: log.seq,
      };
      if (noted.length < mostSteps) noted.push(note);
      return (answer) => {
        doneAt = clock.now();
        if (answer === undefined) noted = noted.filter((other) => other !== note);
        else {
          const kept = keptOf(answer);
          if (kept !== undefined) note.step = { ...note.step, answer: kept };
        }
      };
    },
    tell(until = Number.POSITIVE_INFINITY) {
      const steps = noted.filter(({ seq }) => seq < until).map(({ step }) => step);
      return {
        story: '',
        ...(Object.keys(startVariables).length === 0 ? {} : { variables: startVariables }),
        steps,
      };
    },
    async play(story) {
      reset();
      if (Object.keys(story.variables ?? {}).length > 0) options.setVariables(story.variables ?? {});
      startVariables = options.variables();
      const played: PlayedStep[] = [];
      let before = clock.now();
      for (const [index, step] of story.steps.entries()) {
        const missing = (step.afterMs ?? 0) - (clock.now() - before);
        if (missing > 0) clock.advance(missing);
        const { seq } = log;
        const { ok, answer } = await send(step);
        await settled();
        const at = `step ${index + 1}, ${step.request}`;
        if (!ok) throw new StoryError(`${at}: ${JSON.stringify(answer)}`);
        if (step.answer !== undefined && !holds(step.answer, answer))
          throw new StoryError(
            `${at}: should have answered ${JSON.stringify(step.answer)}, not ${JSON.stringify(answer)}`,
          );
        played.push({ request: step.request, answer, entries: log.since(seq) });
        before = clock.now();
      }
      return played;
    },
    reset() {
      noted = [];
      startVariables = options.variables();
      doneAt = clock.now();
    },
  };
}

/** What of an answer comes out the same when it is played again. */
function keptOf(answer: unknown): unknown {
  const { errMsg, errCode, result } = answer as PlainObject;
  if (typeof errMsg !== 'string') return undefined;
  if (errCode !== undefined) return { errCode };
  const { errCode: number, code } = (result ?? {}) as PlainObject;
  return number === undefined
    ? undefined
    : { result: { errCode: number, ...(code === undefined ? {} : { code }) } };
}

/** Whether a value has all that is wanted of it; objects may have more. */
function holds(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(wanted, value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(value) || value.length !== wanted.length)) return false;
  return Object.entries(wanted).every(([key, part]) => holds(part, (value as Record<string, unknown>)[key]));
}
