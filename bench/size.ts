import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { weigh } from '../scripts/build';
import { buildClient, clientBudgetBytes } from '../scripts/build-client';
import type { Section } from './statistics';
import type { Workplace } from './workplace';

/** What each function's folder weighs as a zip, and the mini program's client minified. */
export async function measureSize({ functions, fileOf }: Workplace): Promise<Section> {
  const root = fileOf('.').replace(/[\\/]index\.js$/, '');
  const [sizes, clientBytes] = await Promise.all([
    Promise.all(functions.map((name) => weigh(name, root))),
    weighClient(),
  ]);
  return {
    title: 'Size',
    about:
      'All files of a function, and its zip; the typed client of a mini program, minified. In bytes. The budget fails the build.',
    rows: [
      ...sizes.map(({ name, bytes, zipBytes, budgetBytes }) => ({
        name,
        cells: { bytes, zip: zipBytes },
        atMost: { column: 'zip', limit: budgetBytes },
      })),
      {
        name: 'kefu-client.js, minified',
        cells: { bytes: clientBytes },
        atMost: { column: 'bytes', limit: clientBudgetBytes },
      },
    ],
  };
}

async function weighClient(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kefu-client-'));
  try {
    return (await buildClient(folder)).minifiedBytes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
