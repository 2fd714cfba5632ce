import { useState } from 'preact/hooks';
import type { Account } from '../../../shared/wechat/account';
import type { TemplateEntry } from '../../wechat/templates';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import { accountNames, strings } from '../strings';

interface TemplatesProps {
  readonly account: Account;
  readonly templates: readonly TemplateEntry[];
  readonly actions: Actions;
}

/** The templates of the account on the phone, and a way to add one: the id that a function has in its code. */
export function Templates({ account, templates, actions }: TemplatesProps) {
  const t = useText();
  const own = templates.filter((template) => template.account === account);
  return (
    <details class="templates">
      <summary>
        {t(strings.templates, { account: t(accountNames[account]) })} <span class="tag">{own.length}</span>
      </summary>
      <ul>
        {own.map(({ template_id: templateId, title, fields }) => (
          <li key={templateId}>
            <code>{templateId}</code> {title} <small>{fields.join(' ') || t(strings.anyFields)}</small>
            {account === 'miniprogram' && (
              <button type="button" class="quiet" onClick={() => void actions.subscribe(templateId)}>
                {t(strings.allowOnce)}
              </button>
            )}
          </li>
        ))}
      </ul>
      <TemplateForm account={account} actions={actions} />
    </details>
  );
}

function TemplateForm({ account, actions }: Omit<TemplatesProps, 'templates'>) {
  const t = useText();
  const [templateId, setTemplateId] = useState('');
  const [content, setContent] = useState('');
  const add = async (event: Event) => {
    event.preventDefault();
    const added = await actions.addTemplate({
      account,
      template_id: templateId,
      ...(content.trim() === '' ? {} : { content }),
    });
    if (added === undefined) return;
    setTemplateId('');
    setContent('');
  };
  return (
    <form class="template-form" onSubmit={(event) => void add(event)}>
      <input
        type="text"
        aria-label={t(strings.templateId)}
        placeholder={t(strings.templateId)}
        value={templateId}
        onInput={(event) => setTemplateId(event.currentTarget.value)}
      />
      <textarea
        rows={2}
        aria-label={t(strings.templateContent)}
        placeholder={'商品：{{thing1.DATA}}\n金额：{{amount2.DATA}}'}
        value={content}
        onInput={(event) => setContent(event.currentTarget.value)}
      />
      <button type="submit" disabled={templateId.trim() === ''}>
        {t(strings.addTemplate)}
      </button>
    </form>
  );
}
