import type { MiniProgramSource } from '../../emulator/parts';
import type { Environment } from '../deploy/command-line';
import type { OwnersTables } from './owners-tables';

/** What the commands work on: this repository, or a mini program's project that kefu-cloud was added to. */
export interface Project {
  /** The file of the owner's rules, as people find it. */
  readonly rulesFile: string;
  /** Where the built functions are that a deploy takes. */
  readonly functionRoot: string;
  /** Whether {@link functionRoot} may hold more than ours. */
  readonly mixed: boolean;
  /** The functions in {@link functionRoot} that are not ours: no build and no deploy of ours touches them. */
  readonly theirs: () => Promise<readonly string[]>;
  /** The `cloudbaserc.json` of our functions: timeouts, memory, timers. */
  readonly cloudbaserc: string;
  /** Where what the local WeChat is made of stands: its page, and the program that a function runs in. */
  readonly dist: string;
  /** The owner's tables, as they stand. Throws a sentence where they cannot be read. */
  readonly tables: () => Promise<OwnersTables>;
  /** Builds our functions into {@link functionRoot}. Throws a sentence where they cannot be built. */
  readonly build: () => Promise<void>;
  /** Says in a line where the bill of materials of the functions is, which it writes where there is none yet. */
  readonly bill: (functionRoot: string, environment: Environment) => Promise<string>;
  /** Builds what the local WeChat needs beside the functions. */
  readonly buildLocal: () => Promise<void>;
  /** Builds what the local WeChat runs, apart from {@link functionRoot}. */
  readonly stage: (options: StageOptions) => Promise<Stage>;
}

/** How the local WeChat is to run our functions. */
export interface StageOptions {
  /** With the example's rules and notices; left out: as long as the owner's are as they came. */
  readonly example: boolean | undefined;
  /** Whether anything is built; else what is built already is used. */
  readonly build: boolean;
}

/** What the local WeChat runs. */
export interface Stage {
  /** The folder of our functions. */
  readonly functions: string;
  /** The folders of other people's. */
  readonly others: readonly string[];
  /** Names that are passed over there: ours, as they are deployed. Left out where there are none. */
  readonly passedOver?: readonly string[] | undefined;
  /** The mini program on the second phone; left out where there is none. */
  readonly miniProgram?: MiniProgramSource | undefined;
  /** Whether the example's rules answer. */
  readonly example: () => boolean;
  /** Builds anew what has changed, before a call; answers whether it did. */
  readonly rebuild?: () => Promise<boolean>;
}
