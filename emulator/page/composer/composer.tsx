import { useState } from 'preact/hooks';
import { accounts } from '../../../shared/wechat/account';
import { FunctionOptions } from '../function-options';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { FunctionInfo } from '../local-wechat/api';
import type { LocalWeChat } from '../local-wechat/state';
import { Segments } from '../segments';
import { accountNames, callerTexts, messageTypeTexts, strings } from '../strings';
import { type ReadOutcome, readOutcome } from './answer';
import { AnswerView } from './answer-view';
import { type CallerName, callerNames, callers, operatorsIn, type People } from './callers';
import { type Draft, useDraft } from './draft';
import { Editor } from './editor';
import { spellings, type Wish, withFile, withWish } from './event-text';
import { Files } from './files';
import { functionExample, knownFunctions, typesFor } from './function-examples';

/** Where a function is called: what, by whom, with which event; and its answer. */
export function Composer({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { info, who, files } = state;
  const people: People = { openid: who.openid, operator: operatorsIn(info?.operators ?? '')[0] ?? '' };
  const draft = useDraft({
    account: who.account,
    openid: who.openid,
    fileID: files[0]?.fileID ?? 'cloud://',
    onAccount: (account) => actions.setWho({ account }),
  });
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<ReadOutcome>();
  const { parsed } = draft;
  const row = functionExample(draft.name);

  const send = async () => {
    if (!parsed.ok || sending) return;
    setSending(true);
    const caller = callers[draft.caller];
    const openid = caller.openid(people);
    const answered = await actions.call({
      name: draft.name,
      data: parsed.event,
      source: caller.source,
      ...(openid === undefined ? {} : { openid }),
    });
    setSending(false);
    setOutcome(answered === undefined ? undefined : readOutcome(answered));
  };
  const takesFile = parsed.ok && withFile(parsed.event, '') !== undefined;

  return (
    <section class="card-panel composer-panel" aria-label={t(strings.composer)}>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      >
        <div class="row">
          <FunctionChoice
            draft={draft}
            functions={info?.functions ?? knownFunctions.map((name) => ({ name }))}
          />
          <CallerChoice draft={draft} people={people} />
          <div class="field">
            <span aria-hidden="true">{t(strings.accountLabel)}</span>
            <Segments
              label={t(strings.accountLabel)}
              name="account"
              values={accounts}
              value={who.account}
              text={(account) => t(accountNames[account])}
              onChange={draft.chooseAccount}
              disabled={row.only !== undefined}
            />
          </div>
        </div>
        {row.message && (
          <Segments
            look="chips"
            label={t(strings.typeLabel)}
            name="msgtype"
            values={typesFor(who.account)}
            value={draft.msgtype}
            text={(msgtype) => t(messageTypeTexts[msgtype])}
            onChange={draft.chooseType}
          />
        )}
        <Editor text={draft.text} problem={parsed.ok ? undefined : parsed.problem} onInput={draft.edit}>
          {row.message && (
            <Segments
              label={t(strings.spelling)}
              name="spelling"
              values={spellings}
              value={draft.spelling}
              text={(spelling) => t(strings[spelling])}
              onChange={draft.chooseSpelling}
              disabled={!parsed.ok}
            />
          )}
          <button type="button" class="quiet" disabled={!draft.edited} onClick={draft.restore}>
            {t(strings.restore)}
          </button>
        </Editor>
        <Files
          files={files}
          onUpload={actions.upload}
          onUse={takesFile ? (fileID) => draft.patch((event) => withFile(event, fileID) ?? event) : undefined}
        />
        <div class="row send-row">
          <button type="submit" class="primary" disabled={!parsed.ok || sending}>
            {t(sending ? strings.sending : strings.send)}
          </button>
          <kbd>{t(strings.sendKeys)}</kbd>
          {row.message && draft.msgtype === 'text' && <WishBox draft={draft} wish="split" />}
          {row.message && <WishBox draft={draft} wish="queue" />}
        </div>
      </form>
      <AnswerView outcome={outcome} />
    </section>
  );
}

/** Something that the event may ask for: a check mark writes it there. */
function WishBox({ draft: { parsed, patch }, wish }: { draft: Draft; wish: Wish }) {
  const t = useText();
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={parsed.ok && parsed.event[wish] === true}
        disabled={!parsed.ok}
        onChange={(event) => {
          const wanted = event.currentTarget.checked;
          patch((written) => withWish(written, wish, wanted));
        }}
      />
      {t(strings[wish])} <code>{wish}</code>
    </label>
  );
}

function FunctionChoice({ draft, functions }: { draft: Draft; functions: readonly FunctionInfo[] }) {
  const t = useText();
  // Those with an example first, in the order of the examples.
  const place = (name: string) => knownFunctions.indexOf(name) + 1 || knownFunctions.length + 1;
  const sorted = [...functions].sort((one, other) => place(one.name) - place(other.name));
  return (
    <label class="field">
      <span>{t(strings.functionLabel)}</span>
      <select value={draft.name} onChange={(event) => draft.chooseFunction(event.currentTarget.value)}>
        <FunctionOptions functions={sorted} />
      </select>
    </label>
  );
}

function CallerChoice({ draft, people }: { draft: Draft; people: People }) {
  const t = useText();
  const isMissing = (name: CallerName) => name === 'operator' && people.operator === '';
  return (
    <label class="field">
      <span>{t(strings.callerLabel)}</span>
      <select
        value={draft.caller}
        onChange={(event) => {
          const chosen = callerNames.find((name) => name === event.currentTarget.value);
          if (chosen !== undefined) draft.chooseCaller(chosen);
        }}
      >
        {callerNames.map((name) => (
          <option value={name} key={name} disabled={isMissing(name)}>
            {isMissing(name) ? t(strings.noOperator) : t(callerTexts[name])}
          </option>
        ))}
      </select>
    </label>
  );
}
