import { Fragment } from 'preact';
import { callerOf, operatorsIn } from '../composer/callers';
import { JsonView } from '../json-view';
import { type Translate, useText } from '../language';
import type { CallCard as Card, CardCall, ModelEntry, PushEntry } from '../local-wechat/log-cards';
import { accountNames, callerTexts, strings } from '../strings';
import { CardActions, type CardActionsProps } from './card-actions';
import { type CardFacts, factsOf } from './card-facts';
import { LogCard, type Openable } from './log-card';
import { Wire } from './wire';

type CallCardProps = Openable & CardActionsProps;

/** A call, or a push, with all that belongs to it. */
export function CallCard({ card, info, actions, open, onToggle }: CallCardProps) {
  const t = useText();
  const facts = factsOf(card);
  const { calls, pushes } = card;
  const { type, words, reply, tone, functions } = facts;
  return (
    <LogCard
      tone={tone}
      at={card.at}
      type={pushes.length > 0 && type === undefined ? strings.push : type}
      title={words || functions[0] || ''}
      reply={reply}
      subtitle={<Facts card={card} facts={facts} operators={info?.operators ?? ''} />}
      answer={tone === 'running' ? t(strings.running) : outcomeWord(card, facts, t)}
      open={open}
      onToggle={onToggle}
    >
      {() => (
        <>
          <CardActions card={card} info={info} actions={actions} />
          {pushes.map((push) => (
            <Push push={push} key={push.seq} />
          ))}
          {calls.map((call) => (
            <Call call={call} named={calls.length > 1 || pushes.length > 0} key={call.id} />
          ))}
        </>
      )}
    </LogCard>
  );
}

/** What came of it: of a push, what the user got. */
function outcomeWord({ pushes }: Card, facts: CardFacts, t: Translate): string {
  const { tone, outcome, sent, handedOver } = facts;
  if (pushes.length === 0 || tone !== 'good') return outcome;
  if (handedOver) return t(strings.handedOverWord);
  return sent === 0 ? t(strings.noReply) : t(strings.replied, { count: sent });
}

function Facts({ card, facts, operators }: { card: Card; facts: CardFacts; operators: string }) {
  const t = useText();
  const [first] = card.calls;
  const { start, call } = first ?? {};
  const push = card.pushes.at(-1);
  const who = push?.openid ?? start?.openid;
  const caller = start && callerOf(start.source, start.openid, operatorsIn(operators));
  const { functions, touser } = facts;
  return (
    <>
      {push !== undefined && <span>{t(accountNames[push.account])}</span>}
      <span class="who" title={touser ?? who}>
        {push !== undefined || touser === undefined
          ? shortOpenid(who ?? '')
          : touser === who
            ? `→ ${shortOpenid(touser)}`
            : `${caller === undefined ? '' : t(callerTexts[caller])} → ${shortOpenid(touser)}`}
      </span>
      <code>{functions.join(' › ')}</code>
      {push !== undefined && push.attempt > 1 && <span>{t(strings.attempt, { number: push.attempt })}</span>}
      {call !== undefined && <span>{call.durationMs} ms</span>}
      {call !== undefined && (
        <span class={call.cold ? 'cold' : ''}>{t(call.cold ? strings.cold : strings.warm)}</span>
      )}
    </>
  );
}

/** An openid by its two ends, which tell most apart. */
function shortOpenid(openid: string): string {
  return openid.length > 14 ? `${openid.slice(0, 6)}…${openid.slice(-4)}` : openid;
}

function Push({ push: { push, answer, attempt, to, durationMs } }: { push: PushEntry }) {
  const t = useText();
  return (
    <>
      <h4>
        <span>
          {t(strings.push)} → {to}
        </span>
        <span class="tag">{t(strings.attempt, { number: attempt })}</span>
        <span class="tag">{durationMs} ms</span>
      </h4>
      <JsonView value={push} />
      <h4>{t(strings.logAnswer)}</h4>
      <JsonView value={answer} />
    </>
  );
}

function Call({ call: { start, call, wires, models, lines }, named }: { call: CardCall; named: boolean }) {
  const t = useText();
  return (
    <section class={named ? 'card-call' : ''}>
      {named && start !== undefined && <h3>{start.name}</h3>}
      {models.map((model) => (
        <Model model={model} key={model.seq} />
      ))}
      {wires.map((wire) => (
        <Wire wire={wire} key={wire.seq} />
      ))}
      {call !== undefined && wires.length === 0 && <p class="hint">{t(strings.noWire)}</p>}
      {start !== undefined && (
        <>
          <h4>{t(strings.logEvent)}</h4>
          <JsonView value={start.data} />
        </>
      )}
      {call !== undefined && (
        <>
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
    </section>
  );
}

/** What the model was sent, and what it said. */
function Model({ model: { messages, tools, said, call, behaviour, durationMs } }: { model: ModelEntry }) {
  const t = useText();
  return (
    <div class="model" data-testid="model">
      <h4>
        <span>{t(strings.modelAsked)}</span>
        <span class="tag">{durationMs} ms</span>
        {behaviour !== undefined && <span class="tag">#{behaviour}</span>}
      </h4>
      <dl>
        {messages.map(({ role, content }, index) => (
          <Fragment key={index}>
            <dt>{role}</dt>
            <dd>{typeof content === 'string' ? content : JSON.stringify(content)}</dd>
          </Fragment>
        ))}
      </dl>
      {tools.length > 0 && (
        <p class="hint">{t(strings.modelTools, { tools: tools.map(({ name }) => name).join(', ') })}</p>
      )}
      <h4>{t(strings.modelSaid)}</h4>
      {said !== '' && <pre class="lines">{said}</pre>}
      {call !== undefined && <p>{t(strings.modelCalls, { name: call.name, input: call.input })}</p>}
    </div>
  );
}
