import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { processTerminal, type Terminal } from './deploy/command-line';

const usage = `Prints a secret of 32 random characters, good in an address: for KEFU_SECRET, or a client of GATEWAY_CLIENTS.
It is kept nowhere.

  npm run -s secret

  --help  this text`;

/** `npm run secret`. */
export function main(args: string[], { print }: Terminal = processTerminal()): number {
  const { values } = parseArgs({ args, options: { help: { type: 'boolean', default: false } } });
  // Three bytes are four characters.
  print(values.help ? usage : randomBytes(24).toString('base64url'));
  return 0;
}
