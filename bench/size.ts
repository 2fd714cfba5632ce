import { weigh } from '../scripts/build';
import type { Section } from './statistics';
import type { Workplace } from './workplace';

/** What each function's folder weighs as a zip. */
export async function measureSize({ functions, fileOf }: Workplace): Promise<Section> {
  const root = fileOf('.').replace(/[\\/]index\.js$/, '');
  const sizes = await Promise.all(functions.map((name) => weigh(name, root)));
  return {
    title: 'Size',
    about: 'All files of a function, and its zip, in bytes. The budget fails the build.',
    rows: sizes.map(({ name, bytes, zipBytes, budgetBytes }) => ({
      name,
      cells: { bytes, zip: zipBytes },
      atMost: { column: 'zip', limit: budgetBytes },
    })),
  };
}
