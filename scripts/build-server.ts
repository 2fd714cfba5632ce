import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { helperForms } from '../shared/wechat/messages/build-message';
import { type Built, buildCopied, type Copied } from './build-client';

/** Where the helpers for server code are built to: `kefu-server.js` and `kefu-server.d.ts`, to be copied. */
export const serverRoot = 'dist/server';

/** What the helpers may come to, minified. */
export const serverBudgetBytes = 4 * 1024;

const helpers: Copied = {
  source: path.join('server', 'kefu-server.ts'),
  forms: { helperForms },
  // The oldest Node that has a `fetch` of its own.
  target: 'node18',
};

/** Builds the helpers for server code, and says how large they are. */
export async function buildServer(outdir: string = serverRoot): Promise<Built> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  return buildCopied(helpers, outdir);
}
