import { exampleRules } from './functions/receive/example-rules';
import type { ReplyRules } from './functions/receive/reply-rules';

/**
 * YOUR rules: what is answered to what users write and do. Edit this file; the build checks it.
 *
 * `kefu/reply-rules.ts` says what a rule can be. The example beside it welcomes a user, shows a menu, knows some
 * keywords, and hands over to a person.
 */
export const rules: ReplyRules = exampleRules;
