import type { ComponentChildren } from 'preact';
import { JsonText } from '../json-view';
import { useText } from '../language';
import { strings } from '../strings';
import type { TextProblem } from './event-text';

interface EditorProps {
  readonly text: string;
  readonly problem: TextProblem | undefined;
  readonly onInput: (text: string) => void;
  /** What stands in the editor's bar. */
  readonly children: ComponentChildren;
}

/** Where the event is written: a plain text area, over the same text in colours. */
export function Editor({ text, problem, onInput, children }: EditorProps) {
  const t = useText();
  return (
    <div class={problem === undefined ? 'editor' : 'editor wrong'}>
      <div class="editor-bar">
        <label for="event">{t(strings.event)}</label>
        {children}
      </div>
      <div class="editor-field">
        <div class="editor-text">
          {/* The last line break needs something after it, or its line would have no height. */}
          <pre class="json" aria-hidden="true">
            <JsonText text={`${text} `} />
          </pre>
          <textarea
            id="event"
            value={text}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            aria-invalid={problem !== undefined}
            aria-describedby="event-problem"
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        </div>
      </div>
      <div id="event-problem" class="problem" role="status" data-testid="problem">
        {problem !== undefined && (
          <>
            <strong>{t(problem.text, problem.at)}</strong> {problem.hint !== undefined && t(problem.hint)}{' '}
            {t(strings.textKept)}
          </>
        )}
      </div>
    </div>
  );
}
