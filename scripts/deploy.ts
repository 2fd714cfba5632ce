import path from 'node:path';
import { exampleNotices } from '../shared/functions/notify/example-notices';
import { renderNotices } from '../shared/functions/notify/render-notices';
import { exampleRules } from '../shared/functions/rules/example-rules';
import { renderRules } from '../shared/functions/rules/render-rules';
import { leavesAnswers } from '../shared/functions/rules/reply-rules';
import { checklist, renderChecklist } from './deploy/checklist';
import { command, envIdFault, exits, Stop } from './deploy/command-line';
import { type PlannedFunction, runsAMonth, variablesFor, withNeededTimers } from './deploy/plan';
import { prepare } from './deploy/prepare';
import { onRuntime } from './deploy/runtimes';
import { upload } from './deploy/upload';
import { chooseVariables, notSet, readEnvironment } from './deploy/variables';
import { hasExample } from './project/example-mark';
import { findProject } from './project/here';
import type { OwnersTables } from './project/owners-tables';
import { renderTable } from './table';

const usage = `Builds the functions and uploads them to a cloud environment with the pinned @cloudbase/cli.

  npm run deploy -- --env <id> [options]

  --env <id>          the environment (or ENV_ID)
  --only <a,b>        these functions only
  --dry-run           show what would be uploaded and then be left to do, and stop before the CLI
  --yes               do not ask
  --push              set the message push to kefu-receive too, with WECHAT_ACCESS_TOKEN of a third-party platform
  --no-build          use what is built already
  --config <file>     another cloudbaserc.json
  --help              this text

Variables of the functions come from the environment, .env.<id> and .env, in this order. They are shown by name only.
So do KEFU_RUNTIME, the Node.js runtime in place of that of cloudbaserc.json (Nodejs18.15 say); WECHAT_DEVTOOLS_CLI,
the command line of WeChat DevTools where it is in no usual place; and WECHAT_ACCESS_TOKEN, a token that may set
permissions. docs/deploy.md goes through all of it.`;

const options = {
  env: { type: 'string' },
  only: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean', default: false },
  push: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  config: { type: 'string' },
} as const;

export const optionNames: readonly string[] = Object.keys(options);

export const main = command(usage, options, async (chosen, terminal) => {
  const { print, environment } = terminal;
  const envId = chosen.env ?? environment['ENV_ID'] ?? '';
  const wrongEnv = envIdFault(envId, 'deploy');
  if (wrongEnv !== '') throw new Stop([wrongEnv]);

  const project = await findProject();
  const { rc, functions: planned } = await prepare(project, chosen, async ({ functionRoot }) => {
    if (!chosen.build) return;
    if (path.normalize(functionRoot) !== path.normalize(project.functionRoot))
      throw new Stop([
        `functionRoot is ${functionRoot}; the build goes to ${project.functionRoot} (--no-build leaves it out)`,
      ]);
    await project.build();
  });
  const { all, files } = await readEnvironment(envId, environment);
  const values = chooseVariables(all);
  const onChosen = onRuntime(planned, all);
  const tables = await project.tables();
  const wrongRules = tables.faults(values['MINIPROGRAM_APPID']);
  if (wrongRules.length > 0) throw new Stop(wrongRules);

  const shown = hasExample(rc.functionRoot) ? undefined : tables;
  const functions = withNeededTimers(onChosen, leavesAnswers(shown?.rules ?? exampleRules));
  print(showPlan(functions, envId, values, files, shown));
  const theirs = await project.theirs();
  if (theirs.length > 0) print(`Yours, left as they are and not uploaded: ${theirs.join(', ')}`);
  if (chosen['dry-run']) {
    print('\nA deploy would leave to do, in the console and in WeChat DevTools:');
    print(renderChecklist(checklist(functions, envId)));
    print('\nA dry run: nothing was uploaded.');
    return exits.done;
  }
  const { yes, push } = chosen;
  const bill = () => project.bill(rc.functionRoot, environment);
  return upload({ envId, rc, functions, values, yes, push, bill, all }, terminal);
});

/** What would go up, in words and without values. */
function showPlan(
  functions: readonly PlannedFunction[],
  envId: string,
  values: { readonly [name: string]: string },
  files: readonly string[],
  tables: OwnersTables | undefined,
): string {
  const rows = functions.map(({ name, zipBytes, entry, triggers }) => [
    name,
    `${Math.ceil(zipBytes / 1024)} KB`,
    String(entry.runtime),
    `${entry.timeout} s`,
    `${entry.memorySize} MB`,
    triggers.map((trigger) => `${trigger.name} "${trigger.config}"`).join(', ') || '—',
  ]);
  const names = Object.keys(values);
  const own = functions.flatMap(({ entry }) => Object.keys(entry.envVariables ?? {}));
  return [
    `To the environment ${envId}:`,
    '',
    renderTable(['function', 'zip', 'runtime', 'timeout', 'memory', 'timers'], rows),
    ...showTimers(functions),
    '',
    'Permissions to call WeChat:',
    ...functions.map(({ name, permissions }) => `  ${name}: ${permissions.join(', ') || 'none'}`),
    '',
    ...showTables(tables),
    '',
    names.length === 0
      ? 'Variables: none are set here, so the CLI leaves those online as they are.'
      : `Variables (from ${['the environment', ...files].join(', ')}): ${[...new Set([...names, ...own])].join(', ')}`,
    `Not set here: ${notSet(values).join(', ') || 'none'}`,
    ...(names.length === 0
      ? []
      : [
          'Each function is given those that it needs; the CLI replaces ALL its variables online by them:',
          ...functions.map(
            (planned) =>
              `  ${planned.name}: ${Object.keys(variablesFor(planned, values)).join(', ') || 'none'}`,
          ),
        ]),
  ].join('\n');
}

/** What the timers come to, which no user sees and the bill does. */
function showTimers(functions: readonly PlannedFunction[]): string[] {
  const runs = functions.flatMap(({ name, triggers }) =>
    triggers.map(({ config }) => `${name} ${runsAMonth(config)?.toLocaleString('en') ?? 'not counted'}`),
  );
  return runs.length === 0 ? [] : [`Runs a month by timers alone: ${runs.join(', ')}`];
}

/** What users will be answered and told, a line for each; without tables that is the example's. */
function showTables(tables: OwnersTables | undefined): string[] {
  const { rules, notices } = tables ?? { rules: exampleRules, notices: exampleNotices };
  const indent = (lines: readonly string[]) =>
    (lines.length === 0 ? ['nothing'] : lines).map((line) => `  ${line}`);
  return [
    tables === undefined
      ? 'WARNING: what is built has the EXAMPLE’s rules and notices; without --no-build it has yours:'
      : 'What users will be answered (shared/rules.ts):',
    ...indent(renderRules(rules)),
    `What they can be told${tables === undefined ? '' : ' (shared/notices.ts)'}:`,
    ...indent(renderNotices(notices)),
  ];
}
