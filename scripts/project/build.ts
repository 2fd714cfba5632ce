import { exits, processTerminal, readOptions, type Terminal } from '../deploy/command-line';
import { findProject } from './mini-program';

const usage = `Builds our functions anew, with your rules and notices, where WeChat DevTools and a deploy take them from.

  npx kefu-cloud build

  --help  this text

A deploy builds by itself. Yours are left as they are.`;

/** `kefu-cloud build`, in a project. */
export async function main(args: string[], terminal: Terminal = processTerminal()): Promise<number> {
  const options = readOptions(args, { help: { type: 'boolean' } });
  if (!options.ok) {
    terminal.printError(options.problem);
    return exits.misused;
  }
  if (options.values.help) {
    terminal.print(usage);
    return exits.done;
  }
  const project = await findProject();
  await project.build();
  const theirs = await project.theirs();
  terminal.print(`Built into ${project.functionRoot}/, with ${project.rulesFile}.`);
  if (theirs.length > 0) terminal.print(`Left as they are: your functions ${theirs.join(', ')}.`);
  return exits.done;
}
