import type { Emulator } from '../../../emulator/emulator';
import { type MiniProgram, openMiniProgram } from '../../../emulator/phone/mini-program';
import { clientRoot } from '../../../scripts/build-client';

/** A phone on which the desk is opened: what it shows beside the pages, and what its owner does. */
export interface DeskPhone {
  readonly program: MiniProgram;
  /** Calls of `wx` that show something: their name and what they were given. */
  readonly shown: (readonly [name: string, given: unknown])[];
  /** What the owner answers: the row of a sheet, yes or no, a file. */
  readonly answers: { sheet: number; confirm: boolean; file: string; permission: string };
  /** Whether calls get through. */
  readonly network: { isUp: boolean; isHeard: boolean };
  /** Tells the pages that the network is back. */
  reconnect(): void;
  /** The plots' canvases: what was drawn on each. */
  readonly drawn: Map<string, string[]>;
  last(name: string): unknown;
}

export interface DeskPhoneOptions {
  readonly openid: string;
  readonly language?: string;
  readonly width?: number;
  /** The built mini program. */
  readonly root?: string;
}

/** Opens the mini program on a phone with all that the desk uses of `wx`. */
export function openDeskPhone(emulator: Emulator, options: DeskPhoneOptions): DeskPhone {
  const { openid, language = 'zh_CN', width = 390, root = clientRoot } = options;
  const shown: [string, unknown][] = [];
  const answers = { sheet: 0, confirm: true, file: '/tmp/picture.png', permission: 'accept' };
  const network = { isUp: true, isHeard: true };
  const drawn = new Map<string, string[]>();
  const listeners: ((state: { isConnected: boolean }) => void)[] = [];
  const show = (name: string) => (given: unknown) => void shown.push([name, given]);

  const audio = () => {
    const on: { ended?: () => void; error?: () => void } = {};
    return {
      src: '',
      play() {
        shown.push(['play', this.src]);
      },
      stop: show('stop'),
      destroy: show('destroy'),
      onEnded: (work: () => void) => {
        on.ended = work;
      },
      onError: (work: () => void) => {
        on.error = work;
      },
    };
  };
  const query = () => {
    let name = '';
    const self = {
      select(selector: string) {
        name = selector.slice(1);
        return self;
      },
      fields: () => self,
      exec(done: (found: unknown[]) => void) {
        const calls: string[] = [];
        drawn.set(name, calls);
        const context = new Proxy({} as { [key: string]: unknown }, {
          get: (known, key) =>
            key in known
              ? known[String(key)]
              : (...given: unknown[]) => {
                  calls.push(`${String(key)} ${given.join(' ')}`);
                  return { width: 10, addColorStop: () => undefined };
                },
        });
        done([{ node: { width: 0, height: 0, getContext: () => context }, width: 300, height: 200 }]);
      },
    };
    return self;
  };

  const program = openMiniProgram({
    emulator,
    root,
    openid,
    chooses: () => answers.file || undefined,
    fails: () => (network.isUp ? undefined : new Error('request:fail net::ERR_INTERNET_DISCONNECTED')),
    wx: {
      env: { USER_DATA_PATH: 'wxfile://usr' },
      getWindowInfo: () => ({ windowWidth: width, windowHeight: 800, pixelRatio: 2 }),
      getAppBaseInfo: () => ({ language, theme: 'light', SDKVersion: '3.7.12' }),
      getDeviceInfo: () => ({ platform: 'ios' }),
      getSystemInfoSync: () => ({ SDKVersion: '3.7.12' }),
      onNetworkStatusChange: (listener: (typeof listeners)[number]) => void listeners.push(listener),
      setNavigationBarTitle: show('title'),
      showToast: show('toast'),
      showActionSheet: async (given: unknown) => {
        shown.push(['sheet', given]);
        if (answers.sheet < 0) throw { errMsg: 'showActionSheet:fail cancel' };
        return { tapIndex: answers.sheet };
      },
      showModal: async (given: unknown) => {
        shown.push(['modal', given]);
        return { confirm: answers.confirm };
      },
      chooseMessageFile: async () => ({ tempFiles: [{ path: answers.file }] }),
      createInnerAudioContext: audio,
      createSelectorQuery: query,
      previewImage: show('preview'),
      openLocation: show('location'),
      setClipboardData: show('clipboard'),
      openDocument: show('document'),
      getFileSystemManager: () => ({
        writeFile(given: { success: () => void }) {
          shown.push(['file', given]);
          given.success();
        },
      }),
      requestSubscribeMessage: async ({ tmplIds }: { tmplIds: string[] }) => {
        shown.push(['permission', tmplIds]);
        return Object.fromEntries(tmplIds.map((id) => [id, answers.permission]));
      },
    },
  });
  return {
    program,
    shown,
    answers,
    network,
    drawn,
    reconnect() {
      network.isUp = true;
      for (const listener of listeners) listener({ isConnected: true });
    },
    last: (name) => shown.findLast(([each]) => each === name)?.[1],
  };
}
