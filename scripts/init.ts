import { command, exits, isAgreed, Stop } from './deploy/command-line';
import { planAdditions } from './project/additions';
import { findProject } from './project/mini-program';
import { readSettings } from './project/settings';

const usage = `Adds kefu-cloud to the mini program's project here: shows what, asks once, and touches nothing that is there.

  npx kefu-cloud init [options]

  --yes          do not ask
  --desk         the desk too, where people answer: a subpackage of the mini program
  --no-client    leave the typed client out of the mini program: it comes by npm too
  --ts, --no-ts  rules and notices in TypeScript, or in JavaScript (default: as the mini program is written)
  --help         this text

Added are: kefu/ with your rules and notices; our functions, built, where yours stand; kefu-client.js; and a line in
package.json. What is there already is left alone: a second run adds nothing. npx kefu-cloud undo takes it away again.`;

const options = {
  yes: { type: 'boolean', default: false },
  desk: { type: 'boolean', default: false },
  client: { type: 'boolean', default: true },
  ts: { type: 'boolean' },
} as const;

/** `kefu-cloud init`. */
export const main = command(usage, options, async (chosen, terminal) => {
  const { print } = terminal;
  const read = await readSettings();
  const settings = { ...read, typeScript: chosen.ts ?? read.typeScript };
  const additions = await planAdditions({ settings, client: chosen.client, desk: chosen.desk });
  if (additions.problems.length > 0)
    throw new Stop([...additions.problems, 'Nothing was changed.'], exits.failed);
  if (additions.lines.length === 0) {
    print('Everything is there already. Nothing was changed.');
    return exits.done;
  }
  print(`In ${process.cwd()}:\n\n${additions.lines.map((line) => `  ${line}`).join('\n')}`);
  const theirs = await (await findProject()).theirs();
  if (theirs.length > 0) print(`\nLeft as they are: your functions ${theirs.join(', ')}.`);
  const { yes } = chosen;
  if (!(await isAgreed(terminal, { yes, question: 'Add this?', again: 'npx kefu-cloud init' })))
    return exits.done;
  await additions.run();
  print(`
Done. Next:

  npm install              brings the command here
  npx kefu-cloud start     the local WeChat: write as a user, see what is answered
  npx kefu-cloud undo      takes all of this away again

Your rules are in kefu/. In a page: const { createCustomerService } = require('…/kefu-client')
Into the cloud: npx kefu-cloud deploy --help; docs/project.md has all of it.`);
  if (chosen.desk)
    print(
      'The desk: wx.navigateTo({ url: "/desk/list/list" }), for those of KEFU_OPERATORS, with KEFU_HISTORY_DAYS; docs/desk.md',
    );
  return exits.done;
});
