import type { Account } from '../../shared/wechat/account';

/** A template that an account has, with the keys between its `{{` and `.DATA}}`. */
export interface Template {
  readonly title: string;
  /** Empty for a template that takes any keys. */
  readonly keys: readonly string[];
}

/**
 * The templates of the local WeChat. The long ids and their keys are those of the document the project was
 * commissioned from; `TEMPLATE_ID` takes any keys.
 */
export const templates: { readonly [A in Account]: { readonly [templateId: string]: Template } } = {
  official: {
    TEMPLATE_ID: { title: '通知', keys: [] },
    ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY: {
      title: '账户消费提醒',
      keys: ['User', 'Date', 'CardNumber', 'Type', 'Money', 'DeadTime', 'Left'],
    },
    JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs: {
      title: '邀请成功',
      keys: ['first', 'keyword1', 'keyword2', 'remark'],
    },
    TM00015: { title: '提现到账', keys: ['withdrawMoney', 'withdrawTime', 'cardInfo', 'arrivedTime'] },
  },
  miniprogram: {
    TEMPLATE_ID: { title: '通知', keys: [] },
    ORDER_TEMPLATE: { title: '发货提醒', keys: ['thing1', 'time2', 'amount3', 'character_string4'] },
  },
};

export function findTemplate(account: Account, templateId: unknown): Template | undefined {
  return typeof templateId === 'string' && Object.hasOwn(templates[account], templateId)
    ? templates[account][templateId]
    : undefined;
}
