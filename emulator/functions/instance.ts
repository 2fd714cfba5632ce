/**
 * One instance of a function: a process of its own that loads the built code once and handles one event at a time,
 * as in the cloud. Runs in a child process; its parent is `runner.ts`.
 */

/** What the parent sends for each event. */
export interface InvokeMessage {
  readonly event: unknown;
  readonly context: { readonly [name: string]: unknown };
  /** The variables of this call. Those of an earlier call that are not named here stay, as they may in the cloud. */
  readonly variables: { readonly [name: string]: string };
  /** The local WeChat's time. */
  readonly now: number;
}

/** What the instance answers. */
export type InstanceReply =
  | { readonly kind: 'ready' }
  /** What the function wrote to its output. Comes the same way as the result, so it is there before the result is. */
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'result'; readonly json: string | undefined }
  | { readonly kind: 'thrown'; readonly message: string };

type Main = (event: unknown, context: unknown) => unknown;

const RealDate = Date;
let aheadMs = 0;

/** The function's Date runs with the local WeChat's clock, or media would never expire in an afternoon. */
class EmulatedDate extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + aheadMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}
globalThis.Date = EmulatedDate as DateConstructor;

const reply = (message: InstanceReply) => process.send?.(message);

type Write = typeof process.stdout.write;
for (const stream of [process.stdout, process.stderr]) {
  // A pipe of its own would let the result overtake the lines that were written before it.
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    reply({ kind: 'output', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8') });
    const written = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (written !== undefined) process.nextTick(written);
    return true;
  };
  stream.write = write as Write;
}

const entry = process.argv[2] ?? '';
const { main } = require(entry) as { main?: Main };

process.on('message', async ({ event, context, variables, now }: InvokeMessage) => {
  Object.assign(process.env, variables);
  aheadMs = now - RealDate.now();
  try {
    if (typeof main !== 'function') throw new Error(`${entry} exports no main`);
    const result = await main(event, context);
    reply({ kind: 'result', json: JSON.stringify(result) });
  } catch (error) {
    reply({
      kind: 'thrown',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
  }
});

reply({ kind: 'ready' });
