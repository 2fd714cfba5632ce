/** Thrown when a step took longer than it may. What it was doing may still come to pass. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Waits for a step, but no longer than `limitMs`.
 *
 * The SDK's own timeout counts from the last byte, so an answer that drips never ends it; file transfers have none.
 */
export async function within<T>(limitMs: number, step: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
