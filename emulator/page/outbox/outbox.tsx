import type { OutboxState } from '../../outbox-view';
import { callers, operatorsIn } from '../composer/callers';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { LocalWeChat } from '../local-wechat/state';
import { outboxStateTexts, strings } from '../strings';
import { useNow } from '../use-now';
import { OutboxCard } from './outbox-card';

/** The order in which the page shows them: what is still to come, what needs somebody, what is done. */
const shownStates: readonly OutboxState[] = ['sending', 'waiting', 'dead', 'sent'];

/** The messages that were queued, by what has become of them, and why. */
export function Outbox(props: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { actions } = props;
  const { info, outbox, aheadMs } = props.state;
  const now = useNow(aheadMs);
  const [operator] = operatorsIn(info?.operators ?? '');
  const drain = () => void actions.call({ name: 'kefu-outbox', data: {}, source: callers.timer.source });
  const putBack = (id: string) =>
    void actions.call({
      name: 'kefu-outbox',
      data: { action: 'retry', id },
      source: callers.operator.source,
      ...(operator === undefined ? {} : { openid: operator }),
    });
  const states = shownStates.filter((state) => (outbox?.counts[state] ?? 0) > 0);
  return (
    <section class="outbox" aria-label={t(strings.outbox)} data-testid="outbox">
      <div class="row apart">
        <p class="hint">{t(states.length === 0 ? strings.emptyOutbox : strings.outboxHint)}</p>
        <button type="button" onClick={drain}>
          {t(strings.drainNow)}
        </button>
      </div>
      {outbox !== undefined &&
        states.map((state) => (
          <section key={state} class={`outbox-state ${state}`} data-testid={`outbox-${state}`}>
            <h3>
              {t(outboxStateTexts[state])} <b>{outbox.counts[state]}</b>
            </h3>
            <ol>
              {outbox[state].map((entry) => (
                <li key={entry.id}>
                  <OutboxCard
                    state={state}
                    entry={entry}
                    now={now}
                    onPutBack={operator === undefined ? undefined : putBack}
                  />
                </li>
              ))}
            </ol>
            {outbox.counts[state] > outbox[state].length && (
              <p class="hint">
                {t(strings.moreInOutbox, { count: outbox.counts[state] - outbox[state].length })}
              </p>
            )}
          </section>
        ))}
    </section>
  );
}
