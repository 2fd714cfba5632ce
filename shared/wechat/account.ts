/** The two kinds of WeChat account that send customer-service messages: a mini program, an official account (公众号). */
export type Account = 'miniprogram' | 'official';

/** Both kinds, in the order in which documents and tables name them. */
export const accounts = ['miniprogram', 'official'] as const satisfies readonly Account[];
