import { type Refusal, refusalFor } from './answer';
import { DatabaseFailure, type Log, type Ports, stepMs } from './ports';

/** What is done about an effect that fails and must not take the rest along. The one place where such a failure is logged. */

/** Writes to the log that a step failed, with what is known of it: nothing that may quote the input. */
export function logFailure({ log }: Pick<Ports, 'log'>, step: string, facts: Parameters<Log>[0]): void {
  log({ step, failed: true, ...facts });
}

/** The same where something was thrown: the kind of error, never its text, which may quote the input. */
export function logThrown(ports: Pick<Ports, 'log'>, step: string, error: unknown): void {
  logFailure(ports, step, { why: error instanceof Error ? error.name : 'unknown' });
}

/** Does what is not worth a failure: what it comes to, or `undefined` and a line in the log. */
export async function careless<T>(
  step: string,
  ports: Pick<Ports, 'log'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    logThrown(ports, step, error);
    return undefined;
  }
}

/** Does what may be done again without harm: where the database fails, the answer says so, and that it may be asked again. */
export async function asked<A extends object>(
  step: string,
  ports: Pick<Ports, 'log'>,
  work: () => Promise<A>,
): Promise<A | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error;
    logThrown(ports, step, error);
    return refusalFor(-502001, 'the database did not answer');
  }
}

/** How often a write that must not be lost is tried, and the first pause between two tries. */
const writeAttempts = 3;
const firstPauseMs = 200;

/** Does a write that may be done twice, several times if need be; `undefined` where it never succeeded. */
export async function persist<T>(
  step: string,
  ports: Pick<Ports, 'log' | 'clock' | 'sleep'>,
  write: () => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const done = await careless(step, ports, async () => ({ value: await write() }));
    if (done !== undefined) return done.value;
    if (attempt === writeAttempts || ports.clock.remainingMs() < stepMs) return undefined;
    await ports.sleep(firstPauseMs * attempt);
  }
}
