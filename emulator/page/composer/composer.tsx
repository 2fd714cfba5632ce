import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { accounts } from '../../../shared/wechat/account';
import { functionOptions } from '../function-options';
import { LanguageContext, useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { FunctionInfo } from '../local-wechat/api';
import type { LocalWeChat } from '../local-wechat/state';
import { Segments } from '../segments';
import { Select } from '../select';
import { accountNames, callerTexts, messageTypeTexts, strings } from '../strings';
import { type ReadOutcome, readOutcome } from './answer';
import { AnswerView } from './answer-view';
import { callerNames, callers, firstOperator, operatorsIn } from './callers';
import { type Draft, useDraft } from './draft';
import { Editor } from './editor';
import { spellings, type Wish, withFile, withWish } from './event-text';
import { Files } from './files';
import { callersOf, functionExample, knownFunctions, typesFor } from './function-examples';

/** Where a function is called: what, by whom, with which event; and its answer. */
export function Composer({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { info, who, files } = state;
  const language = useContext(LanguageContext);
  const draft = useDraft({
    account: who.account,
    openid: who.openid,
    fileID: files[0]?.fileID ?? 'cloud://',
    appid: info?.appids.miniprogram ?? '',
    gatewayClient: info?.gatewayClient ?? { id: 'my-server', secret: '' },
    onAccount: (account) => actions.setWho({ account }),
  });
  const operators = operatorsIn(info?.operators ?? '');
  const operator = operators.find((openid) => openid === draft.operator) ?? operators[0] ?? firstOperator;
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<ReadOutcome>();
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome !== undefined) answer.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);
  const { parsed } = draft;
  const row = functionExample(draft.name);

  const send = async () => {
    if (!parsed.ok || sending) return;
    setSending(true);
    // What was answered before is no answer to this.
    setOutcome(undefined);
    const caller = callers[draft.caller];
    if (draft.caller === 'operator' && operators.length === 0) await actions.makeOperator(operator);
    const openid = caller.openid({ openid: who.openid, operator });
    const isOurs = info?.functions.find(({ name }) => name === draft.name)?.from === undefined;
    const inChinese = language === 'zh' && isOurs && row.lang !== false && parsed.event['lang'] === undefined;
    const answered = await actions.call({
      name: draft.name,
      data: inChinese ? { ...parsed.event, lang: 'zh' } : parsed.event,
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
          <FunctionChoice draft={draft} functions={info?.functions ?? [{ name: draft.name }]} />
          <CallerChoice draft={draft} operators={operators} operator={operator} />
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
        {!callersOf(draft.name).includes(draft.caller) && (
          <p class="hint" role="status">
            {t(strings.notFor, {
              name: draft.name,
              callers: callersOf(draft.name)
                .map((name) => t(callerTexts[name]))
                .join(t(strings.listComma)),
            })}
          </p>
        )}
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
        <div class="row centered">
          <button type="submit" class="primary" disabled={!parsed.ok || sending}>
            {t(sending ? strings.sending : strings.send)}
          </button>
          <kbd>{t(strings.sendKeys)}</kbd>
          {row.message && draft.msgtype === 'text' && <WishBox draft={draft} wish="split" />}
          {row.message && <WishBox draft={draft} wish="queue" />}
        </div>
      </form>
      <div ref={answer} class="answer-place">
        <AnswerView outcome={outcome} sending={sending} />
      </div>
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
      <Select value={draft.name} options={functionOptions(sorted)} onChange={draft.chooseFunction} />
    </label>
  );
}

interface CallerChoiceProps {
  readonly draft: Draft;
  readonly operators: readonly string[];
  readonly operator: string;
}

function CallerChoice({ draft, operators, operator }: CallerChoiceProps) {
  const t = useText();
  const { caller, chooseCaller } = draft;
  // Each operator is one to choose; the first goes by the name alone.
  const optionOf = (openid: string) => (openid === operators[0] ? 'operator' : `operator ${openid}`);
  const choose = (value: string) => {
    const [name, openid = operators[0]] = value.split(' ');
    const chosen = callerNames.find((each) => each === name);
    if (chosen === 'operator') chooseCaller(chosen, openid ?? firstOperator);
    else if (chosen !== undefined) chooseCaller(chosen);
  };
  const options = callerNames.flatMap((name) => {
    if (name !== 'operator') return { value: name, text: t(callerTexts[name]) };
    if (operators.length === 0)
      return { value: name, text: t(strings.makeOperator, { openid: firstOperator }) };
    return operators.map((openid) => ({
      value: optionOf(openid),
      text: `${t(callerTexts[name])} ${openid}`,
    }));
  });
  return (
    <label class="field">
      <span>{t(strings.callerLabel)}</span>
      <Select
        value={caller === 'operator' && operators.length > 0 ? optionOf(operator) : caller}
        options={options}
        onChange={choose}
      />
    </label>
  );
}
