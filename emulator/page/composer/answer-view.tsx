import { useContext } from 'preact/hooks';
import { errorMeaning } from '../../../shared/wechat/errors/error-meanings';
import { JsonView } from '../json-view';
import { LanguageContext, useText } from '../language';
import { strings } from '../strings';
import { adviceIn, type ReadAnswer, type ReadOutcome } from './answer';

/** What the function answered: that it worked, or what went wrong and what to do. */
export function AnswerView(props: { outcome: ReadOutcome | undefined; sending: boolean }) {
  const t = useText();
  const { outcome, sending } = props;
  return (
    <section
      class={`answer ${toneOf(outcome)}`}
      aria-label={t(strings.answer)}
      aria-live="polite"
      aria-busy={sending}
      data-testid="answer"
    >
      {outcome === undefined ? (
        <p class="hint">{t(sending ? strings.sending : strings.noAnswerYet)}</p>
      ) : (
        <Outcome outcome={outcome} />
      )}
    </section>
  );
}

function toneOf(outcome: ReadOutcome | undefined): string {
  if (outcome === undefined) return '';
  if (outcome.kind === 'failed') return 'bad';
  return outcome.kind === 'answer' && outcome.answer.errCode !== 0 ? 'bad' : 'good';
}

function Outcome({ outcome }: { outcome: ReadOutcome }) {
  const t = useText();
  switch (outcome.kind) {
    case 'value':
      return (
        <>
          <h3>{t(strings.succeeded)}</h3>
          <JsonView value={outcome.value} />
        </>
      );
    case 'failed':
      return (
        <>
          <h3>
            {t(strings.platformFailed)} <b class="err-code">{outcome.errCode}</b>
          </h3>
          <p class="err-msg">{outcome.errMsg}</p>
        </>
      );
    case 'answer':
      return <Answer answer={outcome.answer} />;
  }
}

function Answer({ answer }: { answer: ReadAnswer }) {
  const t = useText();
  const { errCode, errMsg, code, results, rest } = answer;
  const more = Object.keys(rest).length > 0;
  return (
    <>
      <h3>
        {t(errCode === 0 ? strings.succeeded : strings.refused)}
        <b class="err-code">{errCode}</b>
        {code !== undefined && <code class="code">{code}</code>}
        <Retryable answer={answer} />
      </h3>
      {errCode !== 0 && <p class="err-msg">{errMsg}</p>}
      {errCode !== 0 && <Explanation answer={answer} />}
      {more && <JsonView value={rest} />}
      {results.length > 0 && (
        <ol class="results">
          {results.map((result, index) => (
            <li key={index} class={result.errCode === 0 ? 'good' : 'bad'}>
              {t(strings.part, { number: index + 1 })} <b>{result.errCode}</b> {result.errMsg}
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Retryable({ answer: { errCode, retryable } }: { answer: ReadAnswer }) {
  const t = useText();
  if (errCode === 0 || retryable === undefined) return null;
  return <span class="tag">{t(retryable ? strings.retryable : strings.notRetryable)}</span>;
}

function Explanation({ answer }: { answer: ReadAnswer }) {
  const t = useText();
  const language = useContext(LanguageContext);
  const { errCode, details } = answer;
  const { [language]: meaning, source } = errorMeaning(errCode);
  const advice = adviceIn(language, answer);
  return (
    <dl>
      {source !== '' && (
        <>
          <dt>{t(strings.meaning)}</dt>
          <dd>{meaning}</dd>
        </>
      )}
      {advice !== '' && (
        <>
          <dt>{t(strings.advice)}</dt>
          <dd class="advice">{advice}</dd>
        </>
      )}
      {details.length > 0 && (
        <>
          <dt>{t(strings.details)}</dt>
          <dd>
            <ul class="details">
              {details.map(({ path, message }) => (
                <li key={`${path} ${message}`}>
                  <code>{path}</code> {message}
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}
