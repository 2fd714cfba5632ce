import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { MiniProgramSource } from '../../emulator/parts';
import { buildClient, clientRoot, clientSource } from '../build-client';
import { buildEmulator } from '../build-emulator';
import { buildFunctions, exampleRoot, functionsRoot, rulesFile, tables } from '../build-functions';
import { writeBill } from '../deploy/bill-of-materials';
import type { Project } from './project';

/** This repository: functions are built from their sources, with the rules in `shared/rules.ts`. */
export const repository: Project = {
  rulesFile,
  functionRoot: functionsRoot,
  mixed: false,
  theirs: async () => [],
  cloudbaserc: 'cloudbaserc.json',
  dist: 'dist',
  tables: async () => tables,
  build: async () => {
    await buildFunctions();
  },
  bill: writeBill,
  buildLocal: () => buildEmulator(),
  async stage({ example = tables.isFresh(), build }) {
    const functions = example ? exampleRoot : functionsRoot;
    const miniProgram = miniProgramOf(build);
    if (build)
      await Promise.all([buildFunctions(functions, { example }), buildEmulator(), miniProgram?.refresh?.()]);
    return { functions, others: [], example: () => example, miniProgram };
  },
};

/** Where the second phone's mini program is built, beside the one for DevTools and without the client's types. */
const phoneRoot = 'dist/phone';

/** The mini program of this folder for the second phone, built anew as often as it has changed; none where there is none. */
function miniProgramOf(build: boolean): MiniProgramSource | undefined {
  if (!build) return existsSync(path.join(clientRoot, 'app.json')) ? { root: clientRoot } : undefined;
  if (!existsSync(clientSource)) return undefined;
  let built = 0;
  let building: Promise<unknown> = Promise.resolve();
  return {
    root: phoneRoot,
    refresh: async () => {
      const changed = lastChange(clientSource);
      if (changed > built) {
        built = changed;
        building = buildClient(phoneRoot, { types: false }).catch((error: unknown) => {
          built = 0;
          throw error;
        });
      }
      await building;
    },
  };
}

/** When something in a folder was last written. */
function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => statSync(path.join(folder, file)).mtimeMs));
}
