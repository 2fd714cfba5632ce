import { useState } from 'preact/hooks';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { EmulatorInfo } from '../local-wechat/api';
import type { CallCard } from '../local-wechat/log-cards';
import { strings, type Text } from '../strings';
import { toCallFunction, toClientCode, toCurl, toPushCurl, toTest, withoutName } from './copies';

export interface CardActionsProps {
  readonly card: CallCard;
  readonly info: EmulatorInfo | undefined;
  readonly actions: Actions;
}

/** What can be done with a card: copied as code, done again, made a test. */
export function CardActions({ card, info, actions }: CardActionsProps) {
  const t = useText();
  /** What was copied, or could not be. */
  const [copied, setCopied] = useState<{ readonly text: string; readonly ok: boolean }>();
  const [push] = card.pushes;
  const start = card.calls[0]?.start;
  const copy = async (made: string | undefined | Promise<string | undefined>) => {
    const text = await made;
    if (text === undefined) return;
    const ok = await writeClipboard(text);
    setCopied({ text, ok });
  };
  const makeTest = async () => {
    const story = await actions.story(card.seq);
    const others = info?.functions.find(({ name }) => name === start?.name)?.from;
    return story && toTest(card, story, others);
  };
  const copies: readonly [Text, (() => Parameters<typeof copy>[0]) | undefined][] =
    push !== undefined
      ? [[strings.copyCurl, () => toPushCurl(push, location.origin)]]
      : start === undefined
        ? []
        : [
            [strings.copyCall, () => toCallFunction(start)],
            [strings.copyClient, toClientCode(start) === undefined ? undefined : () => toClientCode(start)],
            [strings.copyCurl, () => toCurl(start, location.origin)],
          ];
  const again = () => {
    if (push !== undefined) void actions.push(push.account, withoutName(push.push));
    else if (start !== undefined) {
      const { name, data, source, openid } = start;
      void actions.call({ name, data, source, ...(openid === undefined ? {} : { openid }) });
    }
  };
  return (
    <div class="card-actions">
      <div class="row centered">
        <span class="legend">{t(strings.copy)}</span>
        {[...copies, [strings.copyTest, makeTest] as const].map(
          ([name, make]) =>
            make !== undefined && (
              <button type="button" key={name.en} onClick={() => void copy(make())}>
                {t(name)}
              </button>
            ),
        )}
        <button type="button" onClick={again}>
          {t(strings.again)}
        </button>
      </div>
      {copied !== undefined && (
        <>
          <p class="hint" role="status">
            {t(copied.ok ? strings.copied : strings.copyFailed)}
          </p>
          <pre class="copied" data-testid="copied">
            {copied.text}
          </pre>
        </>
      )}
    </div>
  );
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
