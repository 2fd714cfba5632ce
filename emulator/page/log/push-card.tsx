import { JsonView } from '../json-view';
import { useText } from '../language';
import type { PushEntry } from '../local-wechat/log-cards';
import { accountNames, strings } from '../strings';
import { LogCard } from './log-card';

/** What WeChat told the functions of a user, and what came back. */
export function PushCard({ push: entry }: { push: PushEntry }) {
  const t = useText();
  const { account, to, attempt, push, answer, ok, durationMs, at } = entry;
  return (
    <LogCard
      tone={ok ? 'good' : 'bad'}
      at={at}
      title={`${t(strings.push)} → ${to}`}
      subtitle={
        <>
          {t(accountNames[account])}
          <span>{durationMs} ms</span>
          {attempt > 1 && <span>{t(strings.attempt, { number: attempt })}</span>}
        </>
      }
      answer={ok ? 'ok' : ''}
    >
      {() => (
        <>
          <h4>{t(strings.push)}</h4>
          <JsonView value={push} />
          <h4>{t(strings.logAnswer)}</h4>
          <JsonView value={answer} />
        </>
      )}
    </LogCard>
  );
}
