import { randomBytes } from 'node:crypto';
import type { ReceivePorts } from '../functions/receive/receive';
import type { ReplyRules } from '../functions/receive/reply-rules';

/** What receiving needs beside the usual ports, anew for each call. */
export function receiving(rules: ReplyRules): Pick<ReceivePorts, 'rules' | 'sleep' | 'holder'> {
  return {
    rules,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    holder: randomBytes(8).toString('hex'),
  };
}
