import { receive } from '../functions/receive/receive';
import type { ReplyRules } from '../functions/receive/reply-rules';
import { receiving } from './receiving';
import { serve } from './serve';

/** Makes `exports.main` of the function that the platform pushes messages and events to. */
export function serveReceive(
  name: string,
  rules: ReplyRules,
): (event: unknown, context: unknown) => Promise<object | string> {
  return serve(name, (event, caller, ports) => receive(event, caller, { ...ports, ...receiving(rules) }));
}
