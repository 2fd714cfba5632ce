import { load } from '../../scripts/load.mjs';

/** Builds the functions with the owner's own tables again, so that no test leaves the example where uploads come from. */
export default async function rebuild() {
  const { buildFunctions } = await load('scripts/build-functions.ts');
  await buildFunctions();
}
