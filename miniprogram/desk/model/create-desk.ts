import type { ActionName, Actions, CallDesk, DeskRefusal, DeskResult, Payload } from './contract';
import {
  type Desk,
  emptyDesk,
  type Filter,
  idToRepeat,
  isNews,
  type Outgoing,
  withChanges,
  withConversation,
  withList,
  withMessages,
  withOutgoing,
  withoutOutgoing,
  withThread,
  withWindow,
} from './desk-state';
import { patienceMs, pauseMs } from './polling';

/** What the desk stands on. */
export interface DeskPorts {
  readonly call: CallDesk;
  /** The phone's clock. */
  now(): number;
  /** Does something later; what comes back keeps it from being done. */
  after(ms: number, work: () => void): () => void;
  newId(): string;
  /** What was on its way when the desk was closed. */
  readOutgoing(): Desk['outgoing'];
  writeOutgoing(outgoing: Desk['outgoing']): void;
}

export interface DeskStatus {
  /** Whether the last question got no answer. What is shown may be old then. */
  readonly offline: boolean;
  /** Why the desk may not be shown, such as to one who is no operator. */
  readonly refusal?: DeskRefusal;
  /** Whether the list under the present filter has been read. */
  readonly isRead: boolean;
  /** Whether the list has a further page. */
  readonly hasMore: boolean;
  /** What the cloud found for the filter's search. */
  readonly found: readonly string[];
}

/** The desk as its pages see it. Pages tell it that they are shown and ask it to do something; it tells them of changes. */
export interface DeskStore {
  readonly state: Desk;
  readonly status: DeskStatus;
  readonly filter: Filter;
  /** Calls back after each change; what comes back ends it. */
  subscribe(listener: () => void): () => void;
  /** A page of the desk is on the screen: what is new is asked for until {@link hide} was called as often. */
  show(): void;
  hide(): void;
  /** Asks at once, such as when the network is back. */
  wake(): void;
  /** Somebody is at the screen. */
  touch(): void;
  look(filter: Filter): Promise<void>;
  /** Reads the list's next page. */
  more(): Promise<void>;
  open(id: string): Promise<DeskRefusal | undefined>;
  /** Reads the messages before those that are there. */
  older(id: string): Promise<void>;
  leave(id: string): void;
  act<A extends 'claim' | 'release' | 'close'>(action: A, event: Actions[A]['event']): Promise<DeskResult<A>>;
  note(id: string, text: string): Promise<DeskResult<'note'>>;
  /** Says something. It stands in the thread at once; what came of it, a moment later. */
  say(id: string, message: Payload): Promise<void>;
  /** Says again what failed, or of what no answer came. */
  again(id: string, outgoing: Outgoing): Promise<void>;
  /** Lets go of what failed. */
  drop(id: string, requestId: string): void;
}

/** As many changes as are told at a time: there may be more. */
const mostChanges = 50;

/** What changed is told again for five seconds: an answer on its way for less is put right by itself. */
const oldMs = 3000;

/** Makes the desk. Nothing is asked before a page is shown. */
export function createDesk(ports: DeskPorts): DeskStore {
  let state: Desk = { ...emptyDesk, outgoing: leftBehind(ports.readOutgoing()) };
  let status: DeskStatus = { offline: false, isRead: false, hasMore: false, found: [] };
  let filter: Filter = { state: 'waiting', search: '' };
  let before: string | undefined;
  let opened: string | undefined;
  let shown = 0;
  const listeners: (() => void)[] = [];

  /** Counts the questions for what is new: an answer to another than the last is thrown away. */
  let turn = 0;
  /** Counts what has been done: an answer that was asked for before would undo it on the screen. */
  let done = 0;
  let failures = 0;
  let lastNewsAt = 0;
  /** Whether so much may have changed that list and thread are read anew. */
  let isStale = true;
  let isAsking = false;
  let dueAt = 0;
  let cancel: () => void = () => undefined;

  const tell = () => {
    for (const listener of listeners.slice()) listener();
  };
  const setState = (next: Desk) => {
    if (next.outgoing !== state.outgoing) ports.writeOutgoing(unfinished(next.outgoing));
    state = next;
    tell();
  };
  const setStatus = (changes: Partial<DeskStatus>) => {
    status = { ...status, ...changes };
    tell();
  };

  function schedule(ms: number) {
    cancel();
    if (shown === 0) return;
    dueAt = ports.now() + ms;
    cancel = ports.after(ms, ask);
  }

  async function ask() {
    turn += 1;
    const mine = turn;
    const doneBefore = done;
    isAsking = true;
    cancel();
    cancel = ports.after(patienceMs, () => end(mine, doneBefore, undefined));
    const isMissing = opened !== undefined && state.threads[opened] === undefined;
    const refusal = await (isStale || isMissing ? readAnew(mine, doneBefore) : readChanges(mine, doneBefore));
    end(mine, doneBefore, refusal);
  }

  /** A question has its answer, or waited too long for one: then `mine` is behind, and a later answer is not heard. */
  function end(mine: number, doneBefore: number, refusal: DeskRefusal | 'ok' | undefined) {
    if (mine !== turn) return;
    turn += 1;
    isAsking = false;
    if (refusal === 'ok') {
      failures = 0;
      const { refusal: _past, ...rest } = status;
      status = { ...rest, offline: false };
      tell();
    } else if (refusal === undefined || refusal.code === 'offline' || refusal.retryable) {
      failures += 1;
      isStale = isStale || failures > 1;
      setStatus({ offline: true });
    } else {
      failures += 1;
      isStale = true;
      refuse(refusal);
    }
    schedule(doneBefore === done ? pauseMs(ports.now() - lastNewsAt, failures) : 0);
  }

  /** Whoever may not see the desk any more has nothing of it on the screen. */
  function refuse(refusal: DeskRefusal) {
    if (refusal.code === 'not-allowed') setState({ ...emptyDesk, outgoing: state.outgoing });
    setStatus({ offline: false, refusal });
  }

  async function readAnew(mine: number, doneBefore: number): Promise<DeskRefusal | 'ok'> {
    const id = opened;
    const [list, thread] = await Promise.all([
      ports.call('list', eventOf(filter)),
      id === undefined ? undefined : ports.call('open', { id }),
    ]);
    if (mine !== turn || done !== doneBefore) return 'ok';
    if (!list.ok) return list;
    takeList(list);
    // The changes since this answer are what is asked for from now on.
    state = { ...state, at: list.at };
    if (thread?.ok) setState(withThread(state, thread));
    isStale = false;
    lastNewsAt = ports.now();
    return 'ok';
  }

  function takeList(list: Actions['list']['answer']) {
    before = list.before;
    setState(withList(state, list, ports.now()));
    const found = list.conversations.map(({ id }) => id);
    setStatus({ isRead: true, hasMore: before !== undefined, found });
  }

  async function readChanges(mine: number, doneBefore: number): Promise<DeskRefusal | 'ok'> {
    const id = opened;
    const event = { since: state.at, ...(id === undefined ? {} : { id }) };
    const answer = await ports.call('changes', event);
    if (mine !== turn || done !== doneBefore) return 'ok';
    if (!answer.ok) return answer;
    const next = withChanges(state, answer, id, ports.now());
    if (isNews(state, next)) lastNewsAt = ports.now();
    const { conversations, messages = [] } = answer;
    isStale = conversations.length >= mostChanges || messages.length >= mostChanges;
    setState(next);
    // What comes in while it is looked at has been read.
    if (id !== undefined && (state.conversations[id]?.unread ?? 0) > 0) read(id);
    return 'ok';
  }

  /** Asks for something beside what is new. An answer that took long may be older than what is known already. */
  async function call<A extends ActionName>(action: A, event: Actions[A]['event']): Promise<DeskResult<A>> {
    const askedAt = ports.now();
    const answer = await ports.call(action, event);
    if (ports.now() - askedAt > oldMs) isStale = true;
    return answer;
  }

  async function read(id: string): Promise<DeskRefusal | undefined> {
    const answer = await call('open', { id });
    if (!answer.ok) return answer;
    setState(withThread(state, answer));
    return undefined;
  }

  async function doing<A extends ActionName>(action: A, event: Actions[A]['event']): Promise<DeskResult<A>> {
    store.touch();
    const answer = await call(action, event);
    done += 1;
    return answer;
  }

  async function carry(id: string, outgoing: Outgoing) {
    const { requestId, message } = outgoing;
    const { refusal: _past, ...rest } = outgoing;
    setState(withOutgoing(state, id, { ...rest, state: 'sending' }));
    const answer = await doing('say', { id, message, requestId });
    if (answer.ok) {
      const isKept = state.threads[id]?.messages.some((each) => each.requestId === requestId);
      const next = withWindow(state, id, answer.window);
      setState(
        isKept ? withoutOutgoing(next, id, requestId) : withOutgoing(next, id, { ...rest, state: 'sent' }),
      );
    } else {
      const isOpen = answer.code === 'offline' || answer.code === 'unknown-delivery';
      setState(withOutgoing(state, id, { ...rest, state: isOpen ? 'unknown' : 'failed', refusal: answer }));
      if (answer.code === 'offline') setStatus({ offline: true });
    }
    if (!isAsking) schedule(0);
  }

  const store: DeskStore = {
    get state() {
      return state;
    },
    get status() {
      return status;
    },
    get filter() {
      return filter;
    },
    subscribe(listener) {
      listeners.push(listener);
      return () => {
        const place = listeners.indexOf(listener);
        if (place !== -1) listeners.splice(place, 1);
      };
    },
    show() {
      shown += 1;
      isStale = true;
      lastNewsAt = ports.now();
      schedule(0);
    },
    hide() {
      shown = Math.max(0, shown - 1);
      if (shown > 0) return;
      turn += 1;
      isAsking = false;
      cancel();
    },
    wake() {
      isStale = true;
      failures = 0;
      turn += 1;
      isAsking = false;
      schedule(0);
    },
    touch() {
      lastNewsAt = ports.now();
      const usual = pauseMs(0, 0);
      if (!isAsking && failures === 0 && dueAt - ports.now() > usual) schedule(usual);
    },
    async look(next) {
      filter = next;
      store.touch();
      setStatus({ isRead: false, hasMore: false, found: [] });
      const answer = await call('list', eventOf(next));
      if (filter !== next) return;
      if (answer.ok) takeList(answer);
      else store.wake();
    },
    async more() {
      const cursor = before;
      const asked = filter;
      if (cursor === undefined) return;
      before = undefined;
      const answer = await call('list', { ...eventOf(asked), before: cursor });
      if (filter !== asked) return;
      if (!answer.ok) {
        before = cursor;
        return;
      }
      const found = status.found.concat(answer.conversations.map(({ id }) => id));
      before = answer.before;
      setState(withList(state, answer, ports.now()));
      setStatus({ hasMore: before !== undefined, found });
    },
    open(id) {
      opened = id;
      store.touch();
      return read(id);
    },
    async older(id) {
      const cursor = state.threads[id]?.before;
      if (cursor === undefined) return;
      const answer = await call('open', { id, before: cursor });
      if (answer.ok) setState(withThread(state, answer));
    },
    leave(id) {
      if (opened === id) opened = undefined;
    },
    async act(action, event) {
      const answer = await doing(action, event);
      if (answer.ok) setState(withConversation(state, answer.conversation));
      if (!isAsking) schedule(0);
      return answer;
    },
    async note(id, text) {
      const answer = await doing('note', { id, text });
      if (answer.ok) setState(withMessages(state, id, [answer.message]));
      return answer;
    },
    say: (id, message) =>
      carry(id, { requestId: ports.newId(), message, at: ports.now() + state.skewMs, state: 'sending' }),
    again(id, outgoing) {
      const requestId = idToRepeat(outgoing);
      if (requestId !== outgoing.requestId) setState(withoutOutgoing(state, id, outgoing.requestId));
      return carry(id, { ...outgoing, requestId });
    },
    drop: (id, requestId) => setState(withoutOutgoing(state, id, requestId)),
  };
  return store;
}

function eventOf({ state, search }: Filter): Actions['list']['event'] {
  const words = search.trim();
  return {
    ...(state === 'all' ? {} : state === 'mine' ? { mine: true } : { state }),
    ...(words === '' ? {} : { search: words }),
  };
}

/** What has not come to its end: of all else the cloud has the history. */
function unfinished(outgoing: Desk['outgoing']): Desk['outgoing'] {
  const kept: { [id: string]: readonly Outgoing[] } = {};
  for (const id of Object.keys(outgoing)) {
    const rest = (outgoing[id] ?? []).filter(({ state }) => state !== 'sent');
    if (rest.length > 0) kept[id] = rest;
  }
  return kept;
}

/** Of what was on its way when the desk was closed no answer came. */
function leftBehind(outgoing: Desk['outgoing']): Desk['outgoing'] {
  const found: { [id: string]: readonly Outgoing[] } = {};
  for (const id of Object.keys(outgoing))
    found[id] = (outgoing[id] ?? []).map((each) =>
      each.state === 'sending' ? { ...each, state: 'unknown' } : each,
    );
  return found;
}
