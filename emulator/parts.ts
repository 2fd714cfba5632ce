import type { Account } from '../shared/wechat/account';
import type { EmulatorClock } from './clock';
import type { Database } from './cloudbase/database/database';
import type { Storage } from './cloudbase/storage';
import type { EventLog } from './event-log';
import type { Faults } from './faults';
import type { Invocation } from './functions/invocation';
import type { FunctionRunner, Invoked } from './functions/runner';
import type { Ids } from './ids';
import type { LocalModel } from './model/model';
import type { Stories } from './story';
import type { Pusher } from './wechat/pusher';
import type { World } from './wechat/world';

/** A built mini program, for the second phone. */
export interface MiniProgramSource {
  /** The folder with its `app.json`. */
  readonly root: string;
  /** Builds it anew where its sources have changed; awaited each time that a phone is loaded. */
  readonly refresh?: () => Promise<void>;
}

/** All parts of a running local WeChat, for those that are built on them. */
export interface EmulatorParts {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly world: World;
  readonly log: EventLog;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly faults: Faults;
  readonly storage: Storage;
  readonly database: Database;
  readonly runner: FunctionRunner;
  /** Pushes what users do; absent where pushes are off. */
  readonly pusher: Pusher | undefined;
  readonly model: LocalModel;
  readonly options: {
    /** The user who calls where none is named. */
    readonly openid: string;
    /** What the functions are told. */
    readonly variables: { readonly [name: string]: string };
    readonly dist: string;
    /** What the second phone runs. Absent where there is no mini program. */
    readonly miniProgram: MiniProgramSource | undefined;
    readonly secrets: { readonly [A in Account]: string };
  };
  readonly stories: Stories;
  readonly reset: () => void;
  /** Sets open variables of our functions, as of their next calls, until a reset. */
  readonly setVariables: (variables: { readonly [name: string]: string }) => void;
  /** What `wx.cloud.callFunction` does. A user who calls is a user of the mini program. */
  readonly call: (invocation: Invocation) => Promise<Invoked>;
}
