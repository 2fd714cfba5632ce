import { load } from '../../scripts/load.mjs';

/** Builds the functions, the local WeChat and the mini program, as `npm run build` does, before any test. */
export default async function build() {
  const [{ buildFunctions }, { buildEmulator }, { buildClient }] = await Promise.all([
    load('scripts/build-functions.ts'),
    load('scripts/build-emulator.ts'),
    load('scripts/build-client.ts'),
  ]);
  await Promise.all([buildFunctions(), buildEmulator(), buildClient()]);
}
