import { notAllowed } from '../../core/access';
import { type Answer, type Refusal, refusal, refuseFaults } from '../../core/answer';
import { defineFunction, readInput } from '../../core/define-function';
import { asked } from '../../core/failures';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { hintFor } from '../../wechat/fields/suggest';
import { type PlainObject, show, typeName } from '../../wechat/fields/values';
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

type Run<Input> = (input: Input, call: DeskCall, event: PlainObject) => Promise<Answer>;

interface Action {
  readonly fields: Fields;
  /** Names of the event that have a form of their own. */
  readonly own: readonly string[];
  readonly run: Run<never>;
}

/** A row: what an action takes is what its fields say. */
function action<const F extends Fields>(fields: F, run: Run<Shape<F>>, ...own: readonly string[]): Action {
  return { fields, own, run };
}

/** What the desk can be asked for, one row each. */
const actionsOf = (notices: Notices): { readonly [name: string]: Action } => ({
  list: action(listFields, runList),
  open: action(openFields, runOpen),
  changes: action(changesFields, runChanges),
  claim: action(claimFields, runClaim),
  release: action(releaseFields, runRelease),
  close: action(closeFields, runClose),
  say: action(sayFields, runSay, 'message'),
  note: action(noteFields, runNote),
  canned: action(cannedFields, runCanned),
  team: action(teamFields, runTeam),
  stats: action(statsFields, runStats),
  export: action(exportFields, runExport),
  erase: action(eraseFields, (input, call) => runErase(notices, input, call)),
});

/**
 * The desk, where people answer: `kefu-desk`, for those of `KEFU_OPERATORS`.
 *
 * The event names an `action` and what it needs; `docs/desk.md` has each with its answer. Without `KEFU_HISTORY_DAYS`
 * there is nothing to show, and every action is refused with that.
 */
export const kefuDesk = (notices: Notices) => {
  const actions = actionsOf(notices);
  return defineFunction({
    name: 'kefu-desk',
    access: 'operators',
    // What an event holds depends on its action.
    fields: 'own',
    calls: deskCalls,
    timeoutSeconds: 20,
    async run({ action: name, ...event }, call): Promise<Answer> {
      const { openid: me } = call.caller;
      // An operator has an openid, which the types do not know.
      if (me === undefined) return notAllowed('this is for operators');
      if (!keepsHistory(call.ports)) return noHistory();
      const row = typeof name === 'string' && Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (row === undefined) return refuseAction(name, Object.keys(actions));
      const own = Object.entries(event).filter(([field]) => !row.own.includes(field));
      const read = readInput(row.fields, Object.fromEntries(own), call);
      if (!read.ok) return refuseFaults(read.faults);
      const { before } = read.values;
      if (typeof before === 'string' && !isCursor(before))
        return refuseFaults([
          { path: 'before', message: 'must be the before of another answer', errCode: 40035 },
        ]);
      const [answer] = await Promise.all([
        asked('desk', call.ports, () => row.run(read.values as never, { ...call, me }, event)),
        noteSeen(me, call.ports),
      ]);
      call.ports.log({ action: String(name), errCode: answer.errCode });
      return answer;
    },
  });
};

function refuseAction(action: unknown, actionNames: readonly string[]): Refusal {
  const known = hintFor(typeof action === 'string' ? action : '', actionNames);
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
