import type { Account } from '../../../shared/wechat/account';
import type { Fault } from '../../faults';
import type { Fields } from '../fields';
import { keep } from '../kept';
import { ApiError, api, type CallRequest, type NewTemplate, type Who } from './api';
import type { Load } from './loaders';
import type { LocalWeChat } from './state';

/** What the page can do. */
export type Actions = ReturnType<typeof createActions>;

type Set = (values: Partial<LocalWeChat>) => void;

/**
 * Makes the actions. Failures end up in {@link LocalWeChat.problem}; nothing here throws, and what comes of one is
 * `undefined` where the local WeChat did not do it.
 *
 * @param who whose conversation is shown; the actions change it
 */
export function createActions(set: Set, who: { current: Who }, load: Load) {
  const attempt = async <T>(task: Promise<T>, after?: () => unknown): Promise<T | undefined> => {
    try {
      const result = await task;
      set({ problem: undefined });
      return result;
    } catch (error) {
      set({ problem: error instanceof ApiError ? error : new ApiError(String(error)) });
      return undefined;
    } finally {
      after?.();
    }
  };
  return {
    setWho(change: Partial<Who>) {
      const { account, openid } = { ...who.current, ...change };
      if (account === who.current.account && openid === who.current.openid) return;
      who.current = { account, openid };
      keep('who', who.current);
      set({ who: who.current, conversation: undefined });
      void load('conversation');
    },
    say: (message: Fields) => attempt(api.say(who.current, message)),
    act: (act: string) => attempt(api.act(who.current, act)),
    call: (request: CallRequest) => attempt(api.call(request)),
    advance: (ms: number) => attempt(api.advance(ms)),
    putFaults: (faults: readonly Fault[]) => attempt(api.putFaults(faults), () => load('faults')),
    /** Chooses the function that gets the mini program's pushes. */
    setReceiver: (name: string) => attempt(api.setReceiver(name), () => load('info')),
    addTemplate: (template: NewTemplate) => attempt(api.addTemplate(template), () => load('templates')),
    /** The user allows one message of a template. */
    subscribe: (templateId: string) => attempt(api.subscribe(who.current, templateId)),
    /** Pushes again what WeChat pushed. */
    push: (account: Account, push: Fields) =>
      attempt(api.push({ account, openid: String(push['FromUserName']) }, push)),
    makeOperator: (openid: string) =>
      attempt(api.setVariables({ KEFU_OPERATORS: openid }), () => load('info')),
    /** What was done so far. */
    story: (until?: number) => attempt(api.story(until)),
    /** Plays a story from the beginning. */
    playStory: (story: unknown) => attempt(api.playStory(story)),
    reset: () => attempt(api.reset()),
    /** The file with its id. */
    upload: (file: File) => attempt(api.upload(file), () => load('files')),
    dismiss: () => set({ problem: undefined }),
  };
}
