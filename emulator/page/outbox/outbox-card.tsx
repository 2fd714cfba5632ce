import { useContext, useState } from 'preact/hooks';
import { errorMeaning } from '../../../shared/wechat/errors/error-meanings';
import type { OutboxEntry, OutboxState } from '../../outbox-view';
import { JsonView } from '../json-view';
import { LanguageContext, type Translate, useText } from '../language';
import { LogCard } from '../log/log-card';
import { accountNames, messageTypeTexts, outboxReasonTexts, strings } from '../strings';
import { countdown, timeOfDay } from '../time';

interface OutboxCardProps {
  readonly state: OutboxState;
  readonly entry: OutboxEntry;
  readonly now: number;
  /** Puts a message that was given up back; absent where nobody may. */
  readonly onPutBack: ((id: string) => void) | undefined;
}

const tones = { waiting: 'running', sending: 'running', sent: 'good', dead: 'bad' } as const;

/** A message of the outbox: for whom, what, when, and why it waits or was given up. */
export function OutboxCard({ state, entry, now, onPutBack }: OutboxCardProps) {
  const t = useText();
  const language = useContext(LanguageContext);
  const [open, setOpen] = useState(false);
  const { account, touser, message, attempts, errCode, errMsg, code, deadline, keptAt, decidedAt } = entry;
  const why = state === 'sent' ? undefined : reasonOf(entry);
  return (
    <LogCard
      tone={tones[state]}
      at={decidedAt || keptAt}
      title={titleOf(message, t)}
      subtitle={
        <>
          <span>{t(accountNames[account])}</span>
          {touser !== undefined && <span class="who">{touser}</span>}
          {state === 'waiting' && <span>{whenOf(entry, now, t)}</span>}
        </>
      }
      answer={why === undefined ? '' : `${errCode} ${code}`}
      open={open}
      onToggle={setOpen}
    >
      {() => (
        <>
          {why !== undefined && (
            <p class="reason" data-testid="outbox-reason">
              {why === 'wechat' ? errorMeaning(errCode)[language] : t(outboxReasonTexts[why])}
              {errMsg !== '' && <small>{errMsg}</small>}
            </p>
          )}
          <p class="facts">
            <span>{t(strings.attempts, { count: attempts })}</span>
            {state === 'waiting' && <span>{t(strings.notAfter, { time: timeOfDay(deadline) })}</span>}
          </p>
          {state === 'dead' &&
            (onPutBack === undefined ? (
              <p class="hint">{t(strings.noOperator)}</p>
            ) : (
              message !== undefined && (
                <button type="button" onClick={() => onPutBack(entry.id)}>
                  {t(strings.putBack)}
                </button>
              )
            ))}
          {message === undefined ? <p class="hint">{t(strings.onlyHash)}</p> : <JsonView value={message} />}
        </>
      )}
    </LogCard>
  );
}

/** What a message says, as far as a line has room: its text, or else its type. */
function titleOf(message: OutboxEntry['message'], t: Translate): string {
  if (message === undefined) return t(strings.textGone);
  const { msgtype, text } = message as { msgtype?: string; text?: { content?: string } };
  if (text?.content !== undefined) return text.content;
  return Object.hasOwn(messageTypeTexts, String(msgtype))
    ? t(messageTypeTexts[msgtype as keyof typeof messageTypeTexts])
    : String(msgtype);
}

/** Whose reason it is: one of the outbox's own, or WeChat's number; `undefined` where nothing went wrong. */
function reasonOf({ code }: OutboxEntry): keyof typeof outboxReasonTexts | 'wechat' | undefined {
  if (code === '') return undefined;
  return Object.hasOwn(outboxReasonTexts, code) ? (code as keyof typeof outboxReasonTexts) : 'wechat';
}

/** When a message that waits is tried next. */
function whenOf({ dueAt }: OutboxEntry, now: number, t: Translate): string {
  if (dueAt === null) return t(strings.waitsForUser);
  return dueAt <= now ? t(strings.dueNow) : t(strings.dueIn, { time: countdown(dueAt - now) });
}
