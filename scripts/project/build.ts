import { command, exits } from '../deploy/command-line';
import { findProject } from './mini-program';

const usage = `Builds our functions anew, with your rules and notices, where WeChat DevTools and a deploy take them from.

  npx kefu-cloud build

  --help  this text

A deploy builds by itself. Yours are left as they are.`;

/** `kefu-cloud build`, in a project. */
export const main = command(usage, {}, async (_values, terminal) => {
  const project = await findProject();
  await project.build();
  const theirs = await project.theirs();
  terminal.print(`Built into ${project.functionRoot}/, with ${project.rulesFile}.`);
  if (theirs.length > 0) terminal.print(`Left as they are: your functions ${theirs.join(', ')}.`);
  return exits.done;
});
