import type { Notices } from './functions/notify/notice';

/**
 * YOUR notices: what users are told about what, by `kefu-notify`. Empty at first, so that nothing of the example goes
 * live; copy rows of `functions/notify/example-notices.ts` and put your own template ids.
 */
export const notices = {} satisfies Notices;
