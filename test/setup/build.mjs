import { load } from '../../scripts/run.mjs';

/** Builds the functions, with the example's rules and notices, and the local WeChat before any test. */
export default async function build() {
  const [{ buildFunctions }, { buildEmulator }] = await Promise.all([
    load('scripts/build-functions.ts'),
    load('scripts/build-emulator.ts'),
  ]);
  await Promise.all([buildFunctions(undefined, { example: true }), buildEmulator()]);
}
