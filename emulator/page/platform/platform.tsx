import { useContext, useState } from 'preact/hooks';
import { callNames, callRow } from '../../../shared/wechat/calls';
import { errorMeaning } from '../../../shared/wechat/errors/error-meanings';
import { errors } from '../../../shared/wechat/errors/errors';
import type { Behaviour, Fault } from '../../faults';
import { Confirm } from '../confirm';
import { functionOptions } from '../function-options';
import { icons } from '../icons';
import { LanguageContext, useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { LocalWeChat } from '../local-wechat/state';
import { Select } from '../select';
import { behaviourTexts, strings } from '../strings';
import { plusTime } from '../time';
import { StoryRow } from './story-row';
import { Templates } from './templates';

/** The steps by which the time is advanced, in milliseconds: a typing sign, a session, an hour, a reply window. */
const steps = [15_000, 60_000, 3_600_000, 48 * 3_600_000];

/** What can be made to fail: every call to WeChat, and the cloud behind the functions. */
const faultApis: readonly string[] = [
  ...new Set(callNames.flatMap((name) => Object.values(callRow(name).cloud))),
  'database.*',
  'storage.*',
];

const usualCodes = [-1, 40001, 40003, 40007, 45009, 45011, 45015, 45047, 48001, -604101];
const otherCodes = Object.keys(errors)
  .map(Number)
  .filter((errCode) => !usualCodes.includes(errCode));

/** What the page can do to the local WeChat itself: time, faults, pushes, templates, a fresh start. */
export function Platform({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { faults, info, templates, who } = state;
  const [asking, setAsking] = useState(false);
  return (
    <section class="card-panel platform" aria-label={t(strings.platform)}>
      <div class="row apart">
        <fieldset class="steps" aria-label={t(strings.clock)}>
          <span class="legend">{t(strings.clock)}</span>
          {steps.map((step) => (
            <button type="button" key={step} onClick={() => void actions.advance(step)}>
              {plusTime(step)}
            </button>
          ))}
        </fieldset>
        <button type="button" class="danger" title={t(strings.resetHint)} onClick={() => setAsking(true)}>
          {t(strings.reset)}
        </button>
        {asking && (
          <Confirm
            title={t(strings.resetAsk)}
            action={t(strings.reset)}
            onConfirm={() => void actions.reset()}
            onClose={() => setAsking(false)}
          >
            {t(strings.resetHint)}
          </Confirm>
        )}
      </div>
      <FaultForm onAdd={(fault) => void actions.putFaults([...faults, fault])} />
      {faults.length > 0 && (
        <ul class="faults">
          {faults.map((fault, index) => (
            <li key={index}>
              <code>{fault.api}</code> <b>{fault.errcode ?? fault.behaviour}</b>
              <button
                type="button"
                class="quiet"
                aria-label={t(strings.removeFault, {
                  fault: `${fault.api} ${fault.errcode ?? fault.behaviour}`,
                })}
                onClick={() => void actions.putFaults(faults.filter((other) => other !== fault))}
              >
                <icons.close />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="row apart centered">
        {info?.receiver !== undefined && (
          <label class="receiver" title={t(strings.receiverHint)}>
            <span class="legend">{t(strings.receiver)}</span>
            <Select
              value={info.receiver}
              options={functionOptions(info.functions)}
              onChange={(name) => void actions.setReceiver(name)}
            />
          </label>
        )}
        <StoryRow actions={actions} />
      </div>
      <Templates account={who.account} templates={templates} actions={actions} />
    </section>
  );
}

function FaultForm({ onAdd }: { onAdd: (fault: Fault) => void }) {
  const t = useText();
  const language = useContext(LanguageContext);
  const [api, setApi] = useState(faultApis[0] ?? '*');
  const [kind, setKind] = useState('45015');
  const codeOption = (errCode: number) => ({
    value: String(errCode),
    text: `${errCode} ${errorMeaning(errCode)[language]}`,
  });
  const kinds = [
    {
      label: t(strings.behaviours),
      options: Object.entries(behaviourTexts).map(([value, text]) => ({ value, text: t(text) })),
    },
    { label: t(strings.commonCodes), options: usualCodes.map(codeOption) },
    { label: t(strings.otherCodes), options: otherCodes.map(codeOption) },
  ];
  const add = (event: Event) => {
    event.preventDefault();
    onAdd(
      Object.hasOwn(behaviourTexts, kind)
        ? { api, behaviour: kind as Behaviour, times: 1 }
        : { api, errcode: Number(kind), times: 1 },
    );
  };
  return (
    <form class="fault-form" onSubmit={add} aria-label={t(strings.fault)}>
      <span class="legend">{t(strings.fault)}</span>
      <Select
        label={t(strings.faultApi)}
        value={api}
        options={[...faultApis, { value: '*', text: t(strings.everyApi) }]}
        onChange={setApi}
      />
      <Select label={t(strings.faultKind)} value={kind} options={kinds} onChange={setKind} />
      <button type="submit">{t(strings.setFault)}</button>
    </form>
  );
}
