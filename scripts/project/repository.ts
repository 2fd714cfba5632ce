import { notices } from '../../shared/notices';
import { rules } from '../../shared/rules';
import { buildEmulator } from '../build-emulator';
import { areTablesFresh, buildFunctions, exampleRoot, functionsRoot, rulesFaults } from '../build-functions';
import { writeBill } from '../deploy/bill-of-materials';
import type { Project } from './project';

/** This repository: functions are built from their sources, with the rules in `shared/rules.ts`. */
export const repository: Project = {
  rulesFile: 'shared/rules.ts',
  functionRoot: functionsRoot,
  mixed: false,
  theirs: async () => [],
  cloudbaserc: 'cloudbaserc.json',
  dist: 'dist',
  tables: async () => ({ rules, notices, faults: rulesFaults }),
  build: async () => {
    await buildFunctions();
  },
  bill: writeBill,
  buildLocal: () => buildEmulator(),
  async stage({ example = areTablesFresh(), build }) {
    const functions = example ? exampleRoot : functionsRoot;
    if (build) await Promise.all([buildFunctions(functions, { example }), buildEmulator()]);
    return { functions, others: [], example: () => example };
  },
};
