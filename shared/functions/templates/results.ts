import type { DocumentOf } from '../../core/collections';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';

/**
 * What became of template and subscribe messages: WeChat pushes the result later, by the message's id.
 *
 * Record and result meet in one document, whichever comes first; neither overwrites the other.
 */

/** Notes that a template or subscribe message was sent. A record that cannot be written costs the join, not the message. */
export async function noteNotice(
  account: Account,
  msgid: string,
  record: { readonly [field: string]: unknown },
  ports: Ports,
): Promise<void> {
  const { template_id: templateId, touser } = record;
  const fields = {
    templateId: String(templateId),
    touser: ports.digest(String(touser)),
    sentAt: ports.clock.now(),
  };
  await merge(account, msgid, fields, ports);
}

/** Notes the results that a push tells; a push that tells none is passed over. */
export async function noteResults(push: Push | UnknownPush, account: Account, ports: Ports): Promise<void> {
  for (const { msgid, ...result } of resultsIn(push))
    await merge(account, msgid, { ...result, resultAt: ports.clock.now() }, ports);
}

interface Result {
  readonly msgid: string;
  /** WeChat's own word: `success`, `failed:user block`, `failed: system failed`; or `failed` with a reason. */
  readonly status: string;
  readonly reason?: string;
}

function resultsIn(push: Push | UnknownPush): readonly Result[] {
  if (push.MsgType !== 'event') return [];
  const fields = push as UnknownPush;
  if (push.Event === 'TEMPLATESENDJOBFINISH') {
    return [{ msgid: String(fields['MsgID'] ?? ''), status: String(fields['Status'] ?? '') }];
  }
  if (push.Event !== 'subscribe_msg_sent_event') return [];
  const list: unknown = fields['List'];
  return (Array.isArray(list) ? list : []).map(
    ({ MsgID, ErrorCode, ErrorStatus }: { MsgID?: unknown; ErrorCode?: unknown; ErrorStatus?: unknown }) => {
      const msgid = String(MsgID ?? '');
      return String(ErrorCode ?? '0') === '0'
        ? { msgid, status: 'success' }
        : { msgid, status: 'failed', reason: String(ErrorStatus ?? ErrorCode) };
    },
  );
}

/** Joins what is known of a message; of one without an id nothing can be. */
async function merge(
  account: Account,
  msgid: string,
  fields: Partial<DocumentOf<'kefu_notices'>>,
  ports: Ports,
): Promise<void> {
  if (msgid === '') return;
  const notices = ports.database('kefu_notices');
  const _id = idOf([account, msgid], ports);
  await careless('note-notice', ports, async () => {
    if (await notices.insert([{ _id, ...nothing, ...fields }])) return;
    await notices.update({ _id }, fields);
  });
}

const nothing = { templateId: '', touser: '', sentAt: 0, status: '', reason: '', resultAt: 0 };
