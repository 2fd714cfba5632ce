import { useEffect, useRef } from 'preact/hooks';
import type { Account } from '../../../shared/wechat/account';
import { type MessageTypeName, messageTypeNames } from '../../../shared/wechat/messages/message-types';
import { useKept } from '../kept';
import { type CallerName, callerNames, callers } from './callers';
import {
  accountOf,
  type EventObject,
  formatEvent,
  type ParsedText,
  parseEventText,
  type Spelling,
  spellings,
  withAccount,
  withSpelling,
  withTouser,
} from './event-text';
import { callersOf, type ExampleFor, functionExample, typesFor } from './function-examples';

/** What the composer holds: the choices, and the event's text, which is what will be sent. */
export interface Draft {
  readonly name: string;
  readonly msgtype: MessageTypeName;
  readonly caller: CallerName;
  /** The operator who calls; the first one where none was chosen. */
  readonly operator: string | undefined;
  readonly spelling: Spelling;
  readonly text: string;
  readonly parsed: ParsedText;
  /** Whether the text differs from the example. */
  readonly edited: boolean;
  chooseFunction(name: string): void;
  chooseType(msgtype: MessageTypeName): void;
  chooseCaller(caller: CallerName, operator?: string): void;
  chooseAccount(account: Account): void;
  chooseSpelling(spelling: Spelling): void;
  edit(text: string): void;
  /** Changes the event, where the text is one. */
  patch(change: (event: EventObject) => EventObject): void;
  restore(): void;
}

interface DraftOptions extends Omit<ExampleFor, 'msgtype'> {
  readonly account: Account;
  onAccount(account: Account): void;
}

interface Choices {
  readonly name: string;
  readonly msgtype: MessageTypeName;
  readonly caller: CallerName;
  readonly spelling: Spelling;
  readonly account: Account;
}

/** Each function, and each message type, has a text of its own, so that looking at another loses nothing. */
type Texts = { readonly [slot: string]: string | undefined };

const slotOf = ({ name, msgtype }: Pick<Choices, 'name' | 'msgtype'>) =>
  functionExample(name).message ? `${name} ${msgtype}` : name;

/** What a reload does not lose. */
interface Held {
  readonly name: string;
  readonly msgtype: MessageTypeName;
  readonly caller: CallerName;
  readonly operator?: string;
  readonly spelling: Spelling;
  readonly texts: Texts;
}

const first: Held = { name: 'kefu-send', msgtype: 'text', caller: 'user', spelling: 'https', texts: {} };

function isHeld(value: unknown): value is Held {
  const { name, msgtype, caller, spelling, texts } = (value ?? {}) as { readonly [field: string]: unknown };
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
export function useDraft({ account, onAccount, ...given }: DraftOptions): Draft {
  const { openid } = given;
  const [held, setHeld] = useKept('draft', first, isHeld);
  const { name, msgtype, caller, operator, spelling, texts } = held;
  /** What it will be: several changes may come of one choice. */
  let next = held;
  const set = (change: Partial<Held>) => {
    next = { ...next, ...change };
    setHeld(next);
  };

  const choices: Choices = { name, msgtype, caller, spelling, account };
  const slot = slotOf(choices);
  const example = formatEvent(adapt(functionExample(name).example({ msgtype, ...given }), choices, openid));
  const text = texts[slot] ?? example;
  const parsed = parseEventText(text);

  const put = (changed: string | undefined, at = slot) => set({ texts: { ...next.texts, [at]: changed } });

  /** Takes over a choice, in the text that will then be shown too. */
  const choose = (change: Partial<Choices>) => {
    const chosen = { ...choices, ...change };
    if (change.account !== undefined && !typesFor(chosen.account).includes(chosen.msgtype))
      chosen.msgtype = 'text';
    const { account: _, ...kept } = chosen;
    set(kept);
    const text = texts[slotOf(chosen)];
    if (text === undefined) return;
    const event = parseEventText(text);
    if (event.ok) put(formatEvent(adapt(event.event, chosen, openid)), slotOf(chosen));
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
    edited: text !== example,
    chooseFunction(chosen) {
      const { only } = functionExample(chosen);
      if (only !== undefined) onAccount(only);
      const fit = callersOf(chosen);
      const [usual = caller] = fit;
      choose({ name: chosen, caller: fit.includes(caller) ? caller : usual });
    },
    chooseType: (chosen) => choose({ msgtype: chosen }),
    chooseCaller(chosen, who) {
      choose({ caller: chosen });
      if (who !== undefined) set({ operator: who });
    },
    chooseAccount(chosen) {
      onAccount(chosen);
      choose({ account: chosen });
    },
    chooseSpelling: (chosen) => choose({ spelling: chosen }),
    edit(changed) {
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
    patch(change) {
      if (parsed.ok) put(formatEvent(change(parsed.event)));
    },
    restore: () => put(undefined),
  };
}

/** The event as the choices want it. A `touser` that was written by hand stays. */
function adapt(event: EventObject, choices: Choices, openid: string): EventObject {
  const row = functionExample(choices.name);
  let fitted = event;
  if (row.account) fitted = withAccount(fitted, choices.account);
  if (row.touser) {
    const { touser } = fitted;
    if (callers[choices.caller].self) {
      if (touser === openid) fitted = withTouser(fitted, undefined);
    } else if (touser === undefined) fitted = withTouser(fitted, openid);
  }
  return row.message ? withSpelling(fitted, choices.spelling) : fitted;
}
