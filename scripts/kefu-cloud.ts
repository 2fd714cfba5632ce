import { nearestName } from '../shared/wechat/fields/suggest';
import { exits, processTerminal, type Terminal } from './deploy/command-line';
import { inProject } from './project/mini-program';
import { packageVersion } from './project/package-folder';
import { findRoot } from './project/settings';

/** A command of `kefu-cloud`. */
interface Command {
  readonly about: string;
  readonly load: () => Promise<{
    readonly main: (args: string[], terminal: Terminal) => number | Promise<number>;
  }>;
  /** It works in any folder. */
  readonly anywhere?: true;
}

const commands: { readonly [name: string]: Command } = {
  init: { about: 'adds kefu-cloud to the mini program here; shows first what', load: () => import('./init') },
  start: { about: 'the local WeChat, with your functions and ours', load: () => import('./start') },
  build: {
    about: 'builds our functions anew, with your rules and notices',
    load: () => import('./project/build'),
  },
  deploy: { about: 'uploads ours to a cloud environment, and nothing else', load: () => import('./deploy') },
  doctor: { about: 'asks each deployed function how it is', load: () => import('./doctor') },
  secret: { about: 'prints a secret for KEFU_SECRET', load: () => import('./secret'), anywhere: true },
  undo: { about: 'takes away what init has added', load: () => import('./undo') },
};

const usage =
  () => `Customer service for a WeChat mini program, as cloud functions. Version ${packageVersion()}.

  npx kefu-cloud <command> [options]

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(8)}  ${about}`)
  .join('\n')}

  npx kefu-cloud <command> --help says more. node_modules/kefu-cloud/docs/project.md is the page about all of it.`;

/** The command `kefu-cloud`, in a mini program's project. Never throws: what fails is said in a sentence. */
export async function run(given: readonly string[]): Promise<number> {
  const own = processTerminal();
  const isTraced = given.includes('--trace');
  const [name, ...args] = given.filter((arg) => arg !== '--trace');
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
    own.print(usage());
    return name === undefined ? exits.misused : exits.done;
  }
  if (['--version', '-v'].includes(name)) {
    own.print(packageVersion());
    return exits.done;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearestName(name, Object.keys(commands));
    own.printError(
      `there is no command ${name}; ${near === undefined ? 'see --help' : `did you mean ${near}?`}`,
    );
    return exits.misused;
  }
  const terminal: Terminal = {
    ...own,
    print: (text) => own.print(inProject(text)),
    printError: (text) => own.printError(inProject(text)),
  };
  try {
    const { main } = await command.load();
    if (command.anywhere !== true && !args.includes('--help')) enterProject();
    return await main(args, terminal);
  } catch (error) {
    const { message, stack } = error as Error;
    terminal.printError(isTraced ? String(stack) : `${message}\n(--trace shows where)`);
    return exits.failed;
  }
}

/** Goes to the project's folder, from any folder in it. What is named on the command line is named from where it was. */
function enterProject(): void {
  process.env['INIT_CWD'] ??= process.cwd();
  process.chdir(findRoot(process.cwd()));
}
