import { useEffect, useState } from 'preact/hooks';
import { operatorsIn } from '../composer/callers';
import { asFields } from '../fields';
import { icons } from '../icons';
import { useKept } from '../kept';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { LocalWeChat } from '../local-wechat/state';
import { Select } from '../select';
import { strings } from '../strings';

/** How the second phone is shown, and whose it is. */
interface Shown {
  readonly open: boolean;
  /** As a window of WeChat for desks, or as a phone. */
  readonly desk: boolean;
  /** Empty as long as nobody was chosen. */
  readonly openid: string;
}

const first: Shown = { open: true, desk: false, openid: '' };

function isShown(value: unknown): value is Shown {
  const { open, desk, openid } = asFields(value);
  return typeof open === 'boolean' && typeof desk === 'boolean' && typeof openid === 'string';
}

/** A second phone beside the first: it runs the mini program itself, as an operator's or any user's. */
export function SecondPhone({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const [shown, setShown] = useKept('second-phone', first, isShown, 'browser');
  const { info } = state;
  const change = (values: Partial<Shown>) => setShown({ ...shown, ...values });
  useEffect(() => {
    const onMessage = ({ origin, data }: MessageEvent<{ phone?: string; openid?: string }>) => {
      if (origin !== location.origin || data.phone !== 'contact' || typeof data.openid !== 'string') return;
      actions.setWho({ account: 'miniprogram', openid: data.openid });
    };
    addEventListener('message', onMessage);
    return () => removeEventListener('message', onMessage);
  }, [actions]);

  if (info?.miniProgram !== true) return null;
  // The operators first, then everybody who is known.
  const users = [...operatorsIn(info.operators), ...info.users.miniprogram, info.openid];
  const openid = shown.openid === '' ? (users[0] ?? info.openid) : shown.openid;
  if (!shown.open) {
    return (
      <section class="second-phone closed" aria-label={t(strings.secondPhone)}>
        <button type="button" onClick={() => change({ open: true })}>
          {t(strings.openSecondPhone)}
        </button>
      </section>
    );
  }
  return (
    <section class={shown.desk ? 'second-phone desk' : 'second-phone'} aria-label={t(strings.secondPhone)}>
      <div class="phone-choice">
        <h2>{t(strings.secondPhone)}</h2>
        <Select
          class="quiet"
          label={t(strings.secondPhoneUser)}
          value={openid}
          options={[...new Set([...users, openid])]}
          onChange={(chosen) => change({ openid: chosen })}
        />
        <button
          type="button"
          class="quiet"
          aria-pressed={shown.desk}
          onClick={() => change({ desk: !shown.desk })}
        >
          {t(strings.deskForm)}
        </button>
        <button type="button" class="quiet" onClick={() => change({ open: false })}>
          {t(strings.closeSecondPhone)}
        </button>
      </div>
      <MiniProgram
        key={`${openid} ${shown.desk}`}
        openid={openid}
        desk={shown.desk}
        title={t(strings.secondPhone)}
      />
    </section>
  );
}

/** The mini program in a document of its own, where neither styles nor scripts of the page reach it. */
function MiniProgram({ openid, desk, title }: { openid: string; desk: boolean; title: string }) {
  const t = useText();
  const [loaded, setLoaded] = useState(0);
  const query = new URLSearchParams({ openid, ...(desk ? { form: 'desk' } : {}) });
  return (
    <>
      <div class="phone">
        <div class="phone-screen">
          <iframe key={loaded} title={title} data-testid="second-phone" src={`/phone/?${query.toString()}`} />
        </div>
      </div>
      <div class="mini-program card-panel">
        <span>{t(strings.miniProgramPages)}</span>
        <button
          type="button"
          class="quiet"
          aria-label={t(strings.reloadMiniProgram)}
          title={t(strings.reloadMiniProgram)}
          onClick={() => setLoaded(loaded + 1)}
        >
          <icons.reload />
        </button>
      </div>
    </>
  );
}
