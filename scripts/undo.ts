import { command, exits, isAgreed } from './deploy/command-line';
import { planUndo } from './project/added';

const usage = `Takes away what kefu-cloud init has added here: shows what, asks once. What you have changed since stays.

  npx kefu-cloud undo [options]

  --yes   do not ask
  --help  this text

What npm has installed goes with the next npm install. Functions that were uploaded stay in the cloud.`;

const options = { yes: { type: 'boolean', default: false } } as const;

/** `kefu-cloud undo`. */
export const main = command(usage, options, async ({ yes }, terminal) => {
  const { print } = terminal;
  const undoing = await planUndo();
  if (undoing === undefined) {
    print('kefu-cloud init has added nothing here. Nothing was changed.');
    return exits.done;
  }
  print(undoing.lines.map((line) => `  ${line}`).join('\n'));
  if (!(await isAgreed(terminal, { yes, question: 'Take this away?', again: 'npx kefu-cloud undo' })))
    return exits.done;
  await undoing.run();
  print('\nDone.');
  return exits.done;
});
