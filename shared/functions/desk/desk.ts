import { notAllowed } from '../../core/access';
import { type Answer, type Refusal, refusal, refuseFaults } from '../../core/answer';
import { defineFunction, readInput } from '../../core/define-function';
import { asked } from '../../core/failures';
import type { Fields } from '../../wechat/fields/fields';
import { nearestName } from '../../wechat/fields/suggest';
import type { PlainObject } from '../../wechat/fields/values';
import { show, typeName } from '../../wechat/fields/values';
import { keepsHistory } from '../conversations/history';
import type { Notices } from '../notify/notice';
import { claimFields, noteFields, releaseFields, runClaim, runNote, runRelease } from './acting';
import { cannedFields, runCanned } from './canned';
import { runStats, statsFields } from './counting';
import { type DeskCall, deskCalls } from './desk-call';
import { eraseFields, exportFields, runErase, runExport } from './owning';
import { isCursor } from './pages';
import { changesFields, listFields, openFields, runChanges, runList, runOpen } from './reading';
import { closeFields, runClose, runSay, sayFields } from './saying';
import { noteSeen, runTeam, teamFields } from './team';

interface Action {
  readonly fields: Fields;
  /** Names of the event that have a form of their own. */
  readonly raw?: readonly string[];
  readonly run: (input: never, raw: PlainObject, call: DeskCall) => Promise<Answer>;
}

/** What the desk can be asked for, one row each. */
const actionsOf = (notices: Notices) => ({
  list: {
    fields: listFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runList(input, call),
  },
  open: {
    fields: openFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runOpen(input, call),
  },
  changes: {
    fields: changesFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runChanges(input, call),
  },
  claim: {
    fields: claimFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runClaim(input, call),
  },
  release: {
    fields: releaseFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runRelease(input, call),
  },
  close: {
    fields: closeFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runClose(input, call),
  },
  say: { fields: sayFields, raw: ['message'], run: runSay },
  note: {
    fields: noteFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runNote(input, call),
  },
  canned: {
    fields: cannedFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runCanned(input, call),
  },
  team: {
    fields: teamFields,
    run: (input: never, _raw: PlainObject, { me, ports }: DeskCall) => runTeam(input, me, ports),
  },
  stats: {
    fields: statsFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runStats(input, call),
  },
  export: {
    fields: exportFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runExport(input, call),
  },
  erase: {
    fields: eraseFields,
    run: (input: never, _raw: PlainObject, call: DeskCall) => runErase(notices, input, call),
  },
});

/**
 * The desk, where people answer: `kefu-desk`, for those of `KEFU_OPERATORS`.
 *
 * The event names an `action` and what it needs; `docs/desk.md` has each with its answer. Without `KEFU_HISTORY_DAYS`
 * there is nothing to show, and every action is refused with that.
 */
export const kefuDesk = (notices: Notices) => {
  const actions: { readonly [name: string]: Action } = actionsOf(notices);
  return defineFunction({
    name: 'kefu-desk',
    access: 'operators',
    // What an event holds depends on its action.
    fields: 'own',
    calls: deskCalls,
    timeoutSeconds: 20,
    async run({ action, ...event }, call): Promise<Answer> {
      const { openid: me } = call.caller;
      // An operator has an openid, which the types do not know.
      if (me === undefined) return notAllowed('this is for operators');
      if (!keepsHistory(call.ports)) return noHistory();
      const row = typeof action === 'string' && Object.hasOwn(actions, action) ? actions[action] : undefined;
      if (row === undefined) return refuseAction(action, Object.keys(actions));
      const own = Object.entries(event).filter(([name]) => !row.raw?.includes(name));
      const read = readInput(row.fields, Object.fromEntries(own), call);
      if (!read.ok) return refuseFaults(read.faults);
      const { before } = read.values;
      if (typeof before === 'string' && !isCursor(before))
        return refuseFaults([
          { path: 'before', message: 'must be the before of another answer', errCode: 40035 },
        ]);
      const [answer] = await Promise.all([
        asked('desk', call.ports, () => row.run(read.values as never, event, { ...call, me })),
        noteSeen(me, call.ports),
      ]);
      call.ports.log({ action: String(action), errCode: answer.errCode });
      return answer;
    },
  });
};

function refuseAction(action: unknown, actionNames: readonly string[]): Refusal {
  const near = typeof action === 'string' ? nearestName(action, actionNames) : undefined;
  const known = near === undefined ? `known: ${actionNames.join(', ')}` : `did you mean ${near}?`;
  const what = typeof action === 'string' ? show(action) : typeName(action);
  const message = action === undefined ? `is missing; ${known}` : `${what} is no action; ${known}`;
  return refuseFaults([{ path: 'action', message, errCode: 40035 }]);
}

function noHistory(): Refusal {
  const errMsg = 'no conversations are kept: the variable KEFU_HISTORY_DAYS is not set';
  return {
    ...refusal('configuration-invalid', -501009, errMsg),
    advice: 'Set KEFU_HISTORY_DAYS to the number of days that conversations are kept, then deploy again.',
  };
}
