import { useText } from './language';
import type { Actions } from './local-wechat/actions';
import type { LocalWeChat } from './local-wechat/state';
import { Log } from './log/log';
import { Outbox } from './outbox/outbox';
import { strings } from './strings';
import { Tabs } from './tabs';

const names = ['log', 'outbox'] as const;

/** What happened, and what is still to be sent. */
export function Records({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { waiting = 0, sending = 0 } = state.outbox?.counts ?? {};
  const toCome = waiting + sending;
  return (
    <div class="records">
      <Tabs
        label={t(strings.records)}
        kept="records"
        names={names}
        text={(name) =>
          name === 'outbox' && toCome > 0 ? `${t(strings.outbox)} ${toCome}` : t(strings[name])
        }
        panel={(name) =>
          name === 'log' ? (
            <Log state={state} actions={actions} />
          ) : (
            <Outbox state={state} actions={actions} />
          )
        }
      />
    </div>
  );
}
