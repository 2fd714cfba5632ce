/** What a mini program hands to an API, as it handed it: nothing of it is certain. */
export interface Options {
  readonly [field: string]: unknown;
}

/** What an API does: it answers the fields of its result beside `errMsg`, if there are any, or throws. */
export type Work = (options: Options) => unknown;

/** Functions by name, as they stand in `wx`. */
export interface Apis {
  readonly [name: string]: (...args: never[]) => unknown;
}

/** Why an API did not do it, in WeChat's words: `chooseMedia:fail cancel` is `new Failure('cancel')`. */
export class Failure extends Error {
  constructor(
    reason: string,
    readonly fields: object = {},
  ) {
    super(reason);
  }
}

/** Makes APIs of a table: with `success`, `fail` and `complete` they answer through these, else by a promise. */
export function toApis(table: { readonly [name: string]: Work }, prefix = ''): Apis {
  return Object.fromEntries(Object.entries(table).map(([name, work]) => [name, toApi(prefix + name, work)]));
}

function toApi(name: string, work: Work) {
  return (given: unknown) => {
    const options = (given ?? {}) as Options;
    const done = attempt(name, work, options);
    const { success, fail, complete } = options as { readonly [name: string]: Callback | undefined };
    if (success === undefined && fail === undefined && complete === undefined) return done;
    done.then(
      (result) => {
        success?.(result);
        complete?.(result);
      },
      (failure: unknown) => {
        fail?.(failure);
        complete?.(failure);
      },
    );
    return undefined;
  };
}

type Callback = (result: unknown) => void;

async function attempt(name: string, work: Work, options: Options): Promise<object> {
  try {
    return { errMsg: `${name}:ok`, ...((await work(options)) as object | undefined) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const failure = {
      errMsg: `${name}:fail ${reason}`,
      ...(error instanceof Failure ? error.fields : {}),
    };
    throw Object.assign(new Error(failure.errMsg), failure);
  }
}

/** A text among the options; empty where it is none. */
export function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
