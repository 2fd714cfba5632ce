import { useEffect, useRef } from 'preact/hooks';
import type { Account } from '../../../shared/wechat/account';
import { type MessageTypeName, messageTypeNames } from '../../../shared/wechat/messages/message-types';
import { asFields } from '../fields';
import { useKept } from '../kept';
import type { Who } from '../local-wechat/api';
import { type CallerName, callerNames, callers } from './callers';
import {
  accountOf,
  type EventObject,
  formatEvent,
  parseEventText,
  type Spelling,
  spellings,
  withAccount,
  withSpelling,
  withTouser,
} from './event-text';
import { callersOf, type ExampleFor, functionExample, typesFor } from './function-examples';

/** What is chosen. */
interface Choices {
  readonly name: string;
  readonly msgtype: MessageTypeName;
  readonly caller: CallerName;
  readonly spelling: Spelling;
}

/** What a reload does not lose. */
interface Held extends Choices {
  /** The operator who calls; the first one where none was chosen. */
  readonly operator?: string;
  /** Each function, and each message type, has a text of its own, so that looking at another loses nothing. */
  readonly texts: { readonly [slot: string]: string | undefined };
}

interface DraftOptions extends Omit<ExampleFor, 'msgtype'> {
  readonly account: Account;
  onAccount(account: Account): void;
}

/** What the composer holds: the choices, and the event's text, which is what will be sent. */
export type Draft = ReturnType<typeof useDraft>;

const slotOf = ({ name, msgtype }: Pick<Choices, 'name' | 'msgtype'>) =>
  functionExample(name).message ? `${name} ${msgtype}` : name;

const first: Held = { name: 'kefu-send', msgtype: 'text', caller: 'user', spelling: 'https', texts: {} };

function isHeld(value: unknown): value is Held {
  const { name, msgtype, caller, spelling, texts } = asFields(value);
  return (
    typeof name === 'string' &&
    messageTypeNames.some((each) => each === msgtype) &&
    callerNames.some((each) => each === caller) &&
    spellings.some((each) => each === spelling) &&
    typeof texts === 'object' &&
    texts !== null
  );
}

/**
 * The composer's state. An example that nobody has touched follows every choice; a text that was edited is changed only
 * where a choice says so, and stays as it is while it is no JSON.
 */
export function useDraft({ account, onAccount, ...given }: DraftOptions) {
  const { openid } = given;
  const [held, setHeld] = useKept('draft', first, isHeld);
  const { name, msgtype, caller, operator, spelling, texts } = held;
  /** What it will be: several changes may come of one choice. */
  let next = held;
  const set = (change: Partial<Held>) => {
    next = { ...next, ...change };
    setHeld(next);
  };

  const slot = slotOf(held);
  const example = formatEvent(
    adapt(functionExample(name).example({ msgtype, ...given }), held, { account, openid }),
  );
  const text = texts[slot] ?? example;
  const parsed = parseEventText(text);

  const put = (changed: string | undefined, at = slot) => set({ texts: { ...next.texts, [at]: changed } });

  /** Takes over a choice, in the text that will then be shown too. */
  const choose = (change: Partial<Choices>, forAccount = account) => {
    const chosen = { ...held, ...change };
    set(change);
    const text = texts[slotOf(chosen)];
    if (text === undefined) return;
    const event = parseEventText(text);
    if (event.ok)
      put(formatEvent(adapt(event.event, chosen, { account: forAccount, openid })), slotOf(chosen));
  };

  const before = useRef(openid);
  useEffect(() => {
    const previous = before.current;
    before.current = openid;
    if (previous === openid || texts[slot] === undefined || !parsed.ok) return;
    if (parsed.event['touser'] === previous) put(formatEvent(withTouser(parsed.event, openid)));
  });

  return {
    name,
    msgtype,
    caller,
    operator,
    spelling,
    text,
    parsed,
    /** Whether the text differs from the example. */
    edited: text !== example,
    chooseFunction(chosen: string) {
      const { only } = functionExample(chosen);
      if (only !== undefined) onAccount(only);
      const fit = callersOf(chosen);
      const [usual = caller] = fit;
      choose({ name: chosen, caller: fit.includes(caller) ? caller : usual });
    },
    chooseType: (chosen: MessageTypeName) => choose({ msgtype: chosen }),
    chooseCaller(chosen: CallerName, who?: string) {
      choose({ caller: chosen });
      if (who !== undefined) set({ operator: who });
    },
    chooseAccount(chosen: Account) {
      onAccount(chosen);
      choose(typesFor(chosen).includes(msgtype) ? {} : { msgtype: 'text' }, chosen);
    },
    chooseSpelling: (chosen: Spelling) => choose({ spelling: chosen }),
    edit(changed: string) {
      put(changed);
      const event = parseEventText(changed);
      if (!event.ok) return;
      const row = functionExample(name);
      if (row.account && accountOf(event.event) !== account) onAccount(accountOf(event.event));
      // A type that is written in the text is the type that is chosen; the text goes with it.
      const written = messageTypeNames.find((known) => known === event.event['msgtype']);
      if (row.message && written !== undefined && written !== msgtype) {
        set({ msgtype: written });
        put(undefined);
        put(changed, slotOf({ name, msgtype: written }));
      }
    },
    /** Changes the event, where the text is one. */
    patch(change: (event: EventObject) => EventObject) {
      if (parsed.ok) put(formatEvent(change(parsed.event)));
    },
    restore: () => put(undefined),
  };
}

/** The event as the choices want it. A `touser` that was written by hand stays. */
function adapt(
  event: EventObject,
  { name, caller, spelling }: Choices,
  { account, openid }: Who,
): EventObject {
  const row = functionExample(name);
  let fitted = event;
  if (row.account) fitted = withAccount(fitted, account);
  if (row.touser) {
    const { touser } = fitted;
    if (callers[caller].self) {
      if (touser === openid) fitted = withTouser(fitted, undefined);
    } else if (touser === undefined) fitted = withTouser(fitted, openid);
  }
  return row.message ? withSpelling(fitted, spelling) : fitted;
}
