import { useEffect, useRef, useState } from 'preact/hooks';
import type { Account } from '../../../shared/wechat/account';
import { type MessageTypeName, messageTypeNames } from '../../../shared/wechat/messages/message-types';
import { type CallerName, callers } from './callers';
import {
  accountOf,
  type EventObject,
  formatEvent,
  type ParsedText,
  parseEventText,
  type Spelling,
  withAccount,
  withSpelling,
  withTouser,
} from './event-text';
import { functionExample, typesFor } from './function-examples';

/** What the composer holds: the choices, and the event's text, which is what will be sent. */
export interface Draft {
  readonly name: string;
  readonly msgtype: MessageTypeName;
  readonly caller: CallerName;
  readonly spelling: Spelling;
  readonly text: string;
  readonly parsed: ParsedText;
  /** Whether the text differs from the example. */
  readonly edited: boolean;
  chooseFunction(name: string): void;
  chooseType(msgtype: MessageTypeName): void;
  chooseCaller(caller: CallerName): void;
  chooseAccount(account: Account): void;
  chooseSpelling(spelling: Spelling): void;
  edit(text: string): void;
  /** Changes the event, where the text is one. */
  patch(change: (event: EventObject) => EventObject): void;
  restore(): void;
}

interface DraftOptions {
  readonly account: Account;
  readonly openid: string;
  /** A file in cloud storage, for examples that need one. */
  readonly fileID: string;
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

/**
 * The composer's state. An example that nobody has touched follows every choice; a text that was edited is changed only
 * where a choice says so, and stays as it is while it is no JSON.
 */
export function useDraft({ account, openid, fileID, onAccount }: DraftOptions): Draft {
  const [name, setName] = useState('kefu-send');
  const [msgtype, setMsgtype] = useState<MessageTypeName>('text');
  const [caller, setCaller] = useState<CallerName>('user');
  const [spelling, setSpelling] = useState<Spelling>('https');
  const [texts, setTexts] = useState<Texts>({});

  const choices: Choices = { name, msgtype, caller, spelling, account };
  const slot = slotOf(choices);
  const example = formatEvent(adapt(functionExample(name).example({ msgtype, fileID }), choices, openid));
  const text = texts[slot] ?? example;
  const parsed = parseEventText(text);

  const put = (changed: string | undefined, at = slot) => setTexts((all) => ({ ...all, [at]: changed }));

  /** Takes over a choice, in the text that will then be shown too. */
  const choose = (change: Partial<Choices>) => {
    const next = { ...choices, ...change };
    if (change.account !== undefined && !typesFor(next.account).includes(next.msgtype)) {
      setMsgtype('text');
      next.msgtype = 'text';
    }
    const held = texts[slotOf(next)];
    if (held === undefined) return;
    const event = parseEventText(held);
    if (event.ok) put(formatEvent(adapt(event.event, next, openid)), slotOf(next));
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
    spelling,
    text,
    parsed,
    edited: text !== example,
    chooseFunction(chosen) {
      setName(chosen);
      const { only } = functionExample(chosen);
      if (only !== undefined) onAccount(only);
      choose({ name: chosen });
    },
    chooseType(chosen) {
      setMsgtype(chosen);
      choose({ msgtype: chosen });
    },
    chooseCaller(chosen) {
      setCaller(chosen);
      choose({ caller: chosen });
    },
    chooseAccount(chosen) {
      onAccount(chosen);
      choose({ account: chosen });
    },
    chooseSpelling(chosen) {
      setSpelling(chosen);
      choose({ spelling: chosen });
    },
    edit(changed) {
      put(changed);
      const event = parseEventText(changed);
      if (!event.ok) return;
      const row = functionExample(name);
      if (row.account && accountOf(event.event) !== account) onAccount(accountOf(event.event));
      // A type that is written in the text is the type that is chosen; the text goes with it.
      const written = messageTypeNames.find((known) => known === event.event['msgtype']);
      if (row.message && written !== undefined && written !== msgtype) {
        setMsgtype(written);
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
