import type { ReplyRules } from './functions/rules/reply-rules';

/**
 * YOUR rules: what is answered to what users write and do. Edit this file; the build checks it.
 *
 * At first nobody is answered by itself: every message is handed on to a person at WeChat's customer service.
 * `functions/rules/reply-rules.ts` says what a rule can be; `example-rules.ts` beside it has some to copy: a welcome,
 * a menu, keywords.
 */
export const rules: ReplyRules = { rules: [], otherwise: { transfer: true } };
