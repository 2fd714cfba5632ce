import { randomBytes } from 'node:crypto';
import { command, exits } from './deploy/command-line';

const usage = `Prints a secret of 32 random characters, good in an address: for KEFU_SECRET, or a client of GATEWAY_CLIENTS.
It is kept nowhere.

  npm run -s secret

  --help  this text`;

/** `npm run secret`. */
export const main = command(usage, {}, (_values, { print }) => {
  // Three bytes are four characters.
  print(randomBytes(24).toString('base64url'));
  return exits.done;
});
