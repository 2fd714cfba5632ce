/**
 * The subscribe-message template of the notice `desk-waiting` in `shared/notices.ts`: it tells an operator who is away
 * that somebody waits. Left empty, the desk does not ask for the permission.
 */
export const waitingTemplate = '';
