import { load } from '../../scripts/load.mjs';

/** Builds the functions and the local WeChat, as `npm start` does, before any test. */
export default async function build() {
  const [{ buildFunctions }, { buildEmulator }] = await Promise.all([
    load('scripts/build-functions.ts'),
    load('scripts/build-emulator.ts'),
  ]);
  await Promise.all([buildFunctions(), buildEmulator()]);
}
