import { type Account, accounts } from '../../shared/wechat/account';

/** A template that an account has. */
export interface Template {
  readonly title: string;
  /** What stands between its `{{` and `.DATA}}`. Empty for a template that takes any. */
  readonly fields: readonly string[];
}

/**
 * The templates of the local WeChat. The long ids and their fields are those of the document the project was
 * commissioned from; `TEMPLATE_ID` takes any fields.
 */
export const templates: { readonly [A in Account]: { readonly [templateId: string]: Template } } = {
  official: {
    TEMPLATE_ID: { title: '通知', fields: [] },
    ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY: {
      title: '账户消费提醒',
      fields: ['User', 'Date', 'CardNumber', 'Type', 'Money', 'DeadTime', 'Left'],
    },
    JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs: {
      title: '邀请成功',
      fields: ['first', 'keyword1', 'keyword2', 'remark'],
    },
    TM00015: { title: '提现到账', fields: ['withdrawMoney', 'withdrawTime', 'cardInfo', 'arrivedTime'] },
  },
  miniprogram: {
    TEMPLATE_ID: { title: '通知', fields: [] },
    DESK_TEMPLATE: { title: '客服等待提醒', fields: ['thing1', 'time2'] },
    ORDER_TEMPLATE: { title: '发货提醒', fields: ['thing1', 'time2', 'amount3', 'character_string4'] },
  },
};

/** A template with whose it is. */
export interface TemplateEntry extends Template {
  readonly account: Account;
  readonly template_id: string;
}

/** The templates that the accounts have: those above, and what was added since the start. */
export interface Templates {
  find(account: Account, templateId: unknown): Template | undefined;
  /** Adds a template; one with its id is replaced. */
  add(entry: TemplateEntry): void;
  list(): readonly TemplateEntry[];
  reset(): void;
}

export function createTemplates(): Templates {
  let known: readonly TemplateEntry[] = [];
  const reset = () => {
    known = accounts.flatMap((account) =>
      Object.entries(templates[account]).map(([templateId, template]) => ({
        account,
        template_id: templateId,
        ...template,
      })),
    );
  };
  reset();
  const isAt = (account: Account, templateId: unknown) => (entry: TemplateEntry) =>
    entry.account === account && entry.template_id === templateId;
  return {
    find: (account, templateId) => known.find(isAt(account, templateId)),
    add(entry) {
      const isOld = isAt(entry.account, entry.template_id);
      known = [...known.filter((other) => !isOld(other)), entry];
    },
    list: () => known,
    reset,
  };
}

/** The fields of a template's text as its page shows it: `商品：{{thing1.DATA}}`. */
export function fieldsIn(content: string): readonly string[] {
  return [...new Set(Array.from(content.matchAll(/\{\{\s*(\w+)\.DATA\s*\}\}/g), ([, name = '']) => name))];
}
