import { load } from '../../scripts/load.mjs';

/** Builds the functions, with the example's rules and notices, the local WeChat and the mini program before any test. */
export default async function build() {
  const [{ buildFunctions }, { buildEmulator }, { buildClient }] = await Promise.all([
    load('scripts/build-functions.ts'),
    load('scripts/build-emulator.ts'),
    load('scripts/build-client.ts'),
  ]);
  await Promise.all([buildFunctions(undefined, { example: true }), buildEmulator(), buildClient()]);
}
