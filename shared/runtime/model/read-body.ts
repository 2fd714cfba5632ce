import { ModelFailure } from '../../functions/answer/model';

/** The longest body that is read, in characters: what goes on for ever has an end here. */
const longestBody = 1_000_000;

/**
 * The text of an answer, as it comes in. At the signal's end it ends, whole or not.
 *
 * `fetch` has a signal of its own, and loses it where garbage is collected while the answer comes in.
 */
export async function* readBody({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  if (body === null) throw new ModelFailure('Nonsense');
  const reader = body.getReader();
  signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
  const decoder = new TextDecoder();
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const text = decoder.decode(read.value, { stream: true });
    length += text.length;
    if (length > longestBody) throw new ModelFailure('Nonsense');
    yield text;
  }
}
