import { asFields, type Fields } from '../fields';
import { useText } from '../language';
import { strings, type Text } from '../strings';
import { CardLink } from './cards';

/** A template or subscribe message: what it is, its values by their keys, where it leads. */
export function NoticeCard({ name, payload }: { name: Text; payload: Fields }) {
  const t = useText();
  const { template_id: templateId, url, page, miniprogram, data } = payload;
  const { pagepath } = asFields(miniprogram);
  const target = [pagepath, page, url].find((part) => typeof part === 'string');
  return (
    // With both, WeChat opens the mini program.
    <CardLink href={typeof url === 'string' && miniprogram === undefined ? url : ''} class="notice">
      <strong>{t(name)}</strong>
      <code>{String(templateId ?? '')}</code>
      <dl>
        {Object.entries(asFields(data)).map(([key, datum]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd style={colorOf(datum)}>{String(asFields(datum)['value'] ?? '')}</dd>
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

function colorOf(datum: unknown): { color: string } | undefined {
  const { color } = asFields(datum);
  return typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) ? { color } : undefined;
}
