import { callNames, callRow } from '../../../shared/wechat/calls';
import { spellings } from '../composer/event-text';
import { JsonView } from '../json-view';
import { useText } from '../language';
import type { Card, WireEntry } from '../local-wechat/log-cards';
import { strings } from '../strings';
import { Tabs } from '../tabs';
import { factsOf } from './card-facts';
import { LogCard, type Openable } from './log-card';

/** A call to WeChat that no function made. */
export function WireCard({ card, open, onToggle }: Openable & { card: Extract<Card, { kind: 'wire' }> }) {
  const t = useText();
  const { wire } = card;
  const { type, words, users, outcome } = factsOf(card);
  const [touser] = users;
  return (
    <LogCard
      tone={wire.ok ? 'good' : 'bad'}
      at={wire.at}
      title={words}
      type={type}
      subtitle={
        <>
          {touser !== undefined && <span class="who">→ {touser}</span>}
          <span>{t(strings.direct)}</span>
        </>
      }
      answer={outcome}
      open={open}
      onToggle={onToggle}
    >
      {() => <Wire wire={wire} />}
    </LogCard>
  );
}

/** What reached WeChat in one call, in both spellings, and what it answered. */
export function Wire({ wire }: { wire: WireEntry }) {
  const t = useText();
  const { api, https, cloud, bytes, answer } = wire;
  return (
    <div class="wire" data-testid="wire">
      <h4>
        {t(strings.logWire)} <span class="tag">{t(strings.bytes, { count: bytes })}</span>
      </h4>
      <Tabs
        label={t(strings.spelling)}
        kept="wire"
        names={spellings}
        text={(spelling) => t(strings[spelling])}
        panel={(spelling) => (
          <>
            <code class="api">{spelling === 'cloud' ? cloudName(api) : httpsName(api)}</code>
            <JsonView value={spelling === 'cloud' ? cloud : https} />
          </>
        )}
      />
      <h4>{t(strings.logWireAnswer)}</h4>
      <JsonView value={answer} />
    </div>
  );
}

/** The row of an API that is named either way: behind `cloud.openapi.`, or by its HTTPS path. */
function rowOf(api: string) {
  return callNames
    .map(callRow)
    .find(({ path, cloud }) => path === api || Object.values(cloud).some((name) => name === api));
}

function cloudName(api: string): string {
  const row = rowOf(api);
  const name = api.startsWith('/') ? Object.values(row?.cloud ?? {})[0] : api;
  return name === undefined ? api : `cloud.openapi.${name}`;
}

function httpsName(api: string): string {
  const row = rowOf(api);
  return row === undefined ? api : `${row.method} ${row.path}`;
}
