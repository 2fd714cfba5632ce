import { useText } from '../language';
import { strings, type Text } from '../strings';
import { CardLink } from './cards';

type Fields = { readonly [field: string]: unknown };

/** A template or subscribe message: what it is, its values by their keys, where it leads. */
export function NoticeCard({ name, payload }: { name: Text; payload: Fields }) {
  const t = useText();
  const { template_id: templateId, url, page, miniprogram, data } = payload;
  const { pagepath } = objectOf(miniprogram);
  const target = [pagepath, page, url].find((part) => typeof part === 'string');
  return (
    // With both, WeChat opens the mini program.
    <CardLink href={typeof url === 'string' && miniprogram === undefined ? url : ''} class="notice">
      <strong>{t(name)}</strong>
      <code>{String(templateId ?? '')}</code>
      <dl>
        {Object.entries(objectOf(data)).map(([key, datum]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd style={colorOf(datum)}>{String(objectOf(datum)['value'] ?? '')}</dd>
          </div>
        ))}
      </dl>
      {target !== undefined && (
        <div class="card-foot">
          {t(strings.noticeDetails)} <code>{String(target)}</code>
        </div>
      )}
    </CardLink>
  );
}

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function colorOf(datum: unknown): { color: string } | undefined {
  const { color } = objectOf(datum);
  return typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) ? { color } : undefined;
}
