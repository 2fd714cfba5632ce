import { exits, processTerminal, readOptions, type Terminal } from './deploy/command-line';
import { planUndo } from './project/added';

const usage = `Takes away what kefu-cloud init has added here: shows what, asks once. What you have changed since stays.

  npx kefu-cloud undo [options]

  --yes   do not ask
  --help  this text

What npm has installed goes with the next npm install. Functions that were uploaded stay in the cloud.`;

const optionTypes = { yes: { type: 'boolean', default: false }, help: { type: 'boolean' } } as const;

/** `kefu-cloud undo`. */
export async function main(args: string[], terminal: Terminal = processTerminal()): Promise<number> {
  const { print, printError, ask } = terminal;
  const options = readOptions(args, optionTypes);
  if (!options.ok) {
    printError(options.problem);
    return exits.misused;
  }
  if (options.values.help) {
    print(usage);
    return exits.done;
  }
  const undoing = await planUndo();
  if (undoing === undefined) {
    print('kefu-cloud init has added nothing here. Nothing was changed.');
    return exits.done;
  }
  print(undoing.lines.map((line) => `  ${line}`).join('\n'));
  if (!options.values.yes && ask === undefined) {
    printError('\nNobody is here to say yes, so nothing was changed. To do it: npx kefu-cloud undo --yes');
    return exits.misused;
  }
  if (!options.values.yes && !(await ask?.('\nTake this away? (y/N) '))) {
    print('Nothing was changed.');
    return exits.done;
  }
  await undoing.run();
  print('\nDone.');
  return exits.done;
}
