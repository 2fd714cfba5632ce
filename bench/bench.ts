import { command, Stop } from '../scripts/deploy/command-line';
import { measureCache } from './cache';
import { measureCloud } from './cloud';
import { measureCold } from './cold';
import { measureDesk } from './desk/desk';
import { measureMap } from './map';
import { measureNpmClients } from './npm-clients';
import { measureOutbox } from './outbox';
import { measurePushes } from './pushes/pushes';
import { measureScale } from './scale/scale';
import { measureSize } from './size';
import { renderSection, type Section } from './statistics';
import { measureWarm } from './warm';
import { openWorkplace, type Workplace } from './workplace';

const usage = `Measures the functions and prints tables: ratios of runs that were made side by side, in fresh processes.

  npm run bench -- [options]

  --only <section>   cold, size, warm, map, clients, pushes, desk, outbox, cloud, or what is not measured otherwise: scale
                     (1 to 32 runs of the outbox in virtual time; draws docs/images/outbox-scale.svg) and cache (V8's
                     code cache); may be repeated. outbox takes minutes, scale half an hour
  --quick            5 rounds for each ratio, no longer 21
  --node <file>      the Node to measure under, say bench/nodes/node_modules/node-18.15.0/bin/node
  --json             JSON, no longer Markdown
  --help             this text

Numbers are medians, with the quartiles in brackets. Nothing else should run meanwhile. docs/performance.md says what
they mean.`;

const sections = {
  cold: measureCold,
  size: measureSize,
  warm: measureWarm,
  map: measureMap,
  clients: measureNpmClients,
  desk: measureDesk,
  pushes: measurePushes,
  outbox: measureOutbox,
  cloud: measureCloud,
  scale: measureScale,
  cache: measureCache,
} as const satisfies { readonly [name: string]: (workplace: Workplace) => Promise<Section> };

type SectionName = keyof typeof sections;
const sectionNames = Object.keys(sections) as SectionName[];
const usualSections = sectionNames.filter((name) => name !== 'cache' && name !== 'scale');

const options = {
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean', default: false },
  node: { type: 'string', default: process.execPath },
  json: { type: 'boolean' },
} as const;

export const main = command(usage, options, async (values, terminal) => {
  const unknown = values.only?.find((name) => !sectionNames.some((known) => known === name));
  if (unknown !== undefined) throw new Stop([`--only takes ${sectionNames.join(', ')}; not ${unknown}`]);
  const chosen = (values.only as SectionName[] | undefined) ?? usualSections;

  const workplace = await openWorkplace({ quick: values.quick, node: values.node });
  const interrupted = () => void workplace.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const measured: Section[] = [];
    for (const name of chosen) measured.push(await sections[name](workplace));
    workplace.progress('');
    terminal.print(
      values.json ? JSON.stringify(measured, null, 2) : measured.map(renderSection).join('\n\n'),
    );
    return 0;
  } finally {
    process.off('SIGINT', interrupted);
    await workplace.close();
  }
});
