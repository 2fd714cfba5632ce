import { tokenizeJson } from './json-tokens';

/** JSON text in colours. */
export function JsonText({ text }: { text: string }) {
  return (
    <>
      {tokenizeJson(text).map(({ kind, text: piece }, index) =>
        kind === 'plain' ? (
          piece
        ) : (
          <span class={`json-${kind}`} key={index}>
            {piece}
          </span>
        ),
      )}
    </>
  );
}

/** A value as indented JSON, in colours. */
export function JsonView({ value }: { value: unknown }) {
  return (
    <pre class="json">
      <JsonText text={JSON.stringify(value, null, 2) ?? 'undefined'} />
    </pre>
  );
}
