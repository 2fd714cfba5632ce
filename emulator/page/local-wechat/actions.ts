import type { Account } from '../../../shared/wechat/account';
import type { Fault } from '../../faults';
import type { Story } from '../../story';
import { keep } from '../kept';
import { ApiError, api, type CallOutcome, type CallRequest, type NewTemplate, type Who } from './api';
import type { Loaders } from './loaders';
import type { LocalWeChat } from './state';

/** What the page can do. Failures end up in {@link LocalWeChat.problem}; nothing here throws. */
export interface Actions {
  setWho(who: Partial<Who>): void;
  say(message: { readonly [field: string]: unknown }): Promise<void>;
  act(act: string): Promise<void>;
  /** The outcome; `undefined` where the local WeChat could not be reached. */
  call(request: CallRequest): Promise<CallOutcome | undefined>;
  advance(ms: number): Promise<void>;
  putFaults(faults: readonly Fault[]): Promise<void>;
  /** Chooses the function that gets the mini program's pushes. */
  setReceiver(name: string): Promise<void>;
  /** Whether it was taken. */
  addTemplate(template: NewTemplate): Promise<boolean>;
  /** The user allows one message of a template. */
  subscribe(templateId: string): Promise<void>;
  /** Pushes again what WeChat pushed. */
  push(account: Account, push: { readonly [field: string]: unknown }): Promise<void>;
  /** Makes a user an operator. */
  makeOperator(openid: string): Promise<void>;
  /** What was done so far; `undefined` where the local WeChat could not be reached. */
  story(until?: number): Promise<Story | undefined>;
  /** Plays a story from the beginning. */
  playStory(story: unknown): Promise<void>;
  reset(): Promise<void>;
  /** The file's id; `undefined` where it did not arrive. */
  upload(file: File): Promise<string | undefined>;
  dismiss(): void;
}

type Set = (values: Partial<LocalWeChat>) => void;

/** Makes the actions. `who` is whose conversation is shown; the actions change it. */
export function createActions(set: Set, who: { current: Who }, load: Loaders): Actions {
  const attempt = async <T>(task: Promise<T>): Promise<T | undefined> => {
    try {
      const result = await task;
      set({ problem: undefined });
      return result;
    } catch (error) {
      set({ problem: error instanceof ApiError ? error : new ApiError(String(error)) });
      return undefined;
    }
  };
  return {
    setWho(change) {
      const { account, openid } = { ...who.current, ...change };
      if (account === who.current.account && openid === who.current.openid) return;
      who.current = { account, openid };
      keep('who', who.current);
      set({ who: who.current, conversation: undefined });
      load.conversation();
    },
    async say(message) {
      await attempt(api.say(who.current, message));
    },
    async act(act) {
      await attempt(api.act(who.current, act));
    },
    call: (request) => attempt(api.call(request)),
    async advance(ms) {
      await attempt(api.advance(ms));
    },
    async putFaults(faults) {
      await attempt(api.putFaults(faults));
      load.faults();
    },
    async setReceiver(name) {
      await attempt(api.setReceiver(name));
      load.info();
    },
    async addTemplate(template) {
      const added = await attempt(api.addTemplate(template));
      load.templates();
      return added !== undefined;
    },
    async subscribe(templateId) {
      await attempt(api.subscribe(who.current, templateId));
    },
    async push(account, push) {
      const openid = String(push['FromUserName']);
      await attempt(api.push({ account, openid }, push));
    },
    async makeOperator(openid) {
      await attempt(api.setVariables({ KEFU_OPERATORS: openid }));
      load.info();
    },
    story: (until) => attempt(api.story(until)),
    async playStory(story) {
      await attempt(api.playStory(story));
    },
    async reset() {
      await attempt(api.reset());
    },
    async upload(file) {
      const uploaded = await attempt(api.upload(`uploads/${file.name}`, file));
      load.files();
      return uploaded?.fileID;
    },
    dismiss: () => set({ problem: undefined }),
  };
}
