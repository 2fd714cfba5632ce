import { load } from '../../scripts/load.mjs';

/** Builds the functions, with the example's rules and notices, the local WeChat, the mini program and the helpers for servers before any test. */
export default async function build() {
  const [{ buildFunctions }, { buildEmulator }, { buildClient }, { buildServer }] = await Promise.all([
    load('scripts/build-functions.ts'),
    load('scripts/build-emulator.ts'),
    load('scripts/build-client.ts'),
    load('scripts/build-server.ts'),
  ]);
  await Promise.all([
    buildFunctions(undefined, { example: true }),
    buildEmulator(),
    buildClient(),
    buildServer(),
  ]);
}
