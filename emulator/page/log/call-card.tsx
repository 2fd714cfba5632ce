import { readAnswer } from '../composer/answer';
import { callerOf } from '../composer/callers';
import { JsonView } from '../json-view';
import { useText } from '../language';
import type { CallEntry, LogLine, WireEntry } from '../local-wechat/log-cards';
import { callerTexts, strings } from '../strings';
import { LogCard } from './log-card';
import { Wire } from './wire';

interface CallCardProps {
  readonly at: number;
  readonly call?: CallEntry;
  readonly wires: readonly WireEntry[];
  readonly lines: readonly LogLine[];
  readonly operators: readonly string[];
}

/** A call of a function, with all that belongs to it. */
export function CallCard({ at, call, wires, lines, operators }: CallCardProps) {
  const t = useText();
  const name = call?.name ?? lines[0]?.name ?? wires[0]?.api ?? '';
  return (
    <LogCard
      tone={call === undefined ? 'running' : isGood(call) ? 'good' : 'bad'}
      at={at}
      title={name}
      subtitle={call === undefined ? t(strings.running) : <CallFacts call={call} operators={operators} />}
      answer={call === undefined ? '' : answerWord(call)}
    >
      {() => (
        <>
          {wires.map((wire) => (
            <Wire wire={wire} key={wire.seq} />
          ))}
          {call !== undefined && wires.length === 0 && <p class="hint">{t(strings.noWire)}</p>}
          {call !== undefined && (
            <>
              <h4>{t(strings.logEvent)}</h4>
              <JsonView value={call.data} />
              <h4>{t(strings.logAnswer)}</h4>
              <JsonView value={call.answer} />
            </>
          )}
          {lines.length > 0 && (
            <>
              <h4>{t(strings.logLines)}</h4>
              <pre class="lines">{lines.map(({ line }) => line).join('\n')}</pre>
            </>
          )}
        </>
      )}
    </LogCard>
  );
}

function CallFacts({ call, operators }: { call: CallEntry; operators: readonly string[] }) {
  const t = useText();
  const caller = callerOf(call.source, call.openid, operators);
  return (
    <>
      {caller === undefined ? call.source : t(callerTexts[caller])}
      <span>{call.durationMs} ms</span>
      <span class={call.cold ? 'cold' : ''}>{t(call.cold ? strings.cold : strings.warm)}</span>
    </>
  );
}

function isGood(call: CallEntry): boolean {
  return !call.failed && (readAnswer(call.answer)?.errCode ?? 0) === 0;
}

/** The answer in a word or two. */
function answerWord(call: CallEntry): string {
  const answer = readAnswer(call.answer);
  if (answer === undefined) return call.failed ? 'failed' : 'ok';
  return answer.errCode === 0 ? 'ok' : `${answer.errCode} ${answer.code ?? ''}`.trim();
}
