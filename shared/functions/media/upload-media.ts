import { type Caller, decideRole, refuseNobody } from '../../core/access';
import { type Answer, refuseFaults, success } from '../../core/answer';
import { accountField, hasFaults, ownFields, parseEvent, readAccount } from '../../core/event';
import type { Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Fields } from '../../wechat/fields/fields';
import { type MediaType, mediaTypeNames, mediaTypes } from '../../wechat/media';
import { mediaFor, type UploadedMedia } from './media-cache';

const uploadFields = {
  fileID: { kind: 'text', need: 'always', missing: 41005 },
  type: { kind: 'choice', need: 'never', values: mediaTypeNames, wrong: 40004 },
  account: accountField,
} as const satisfies Fields;

/**
 * Hands a file of cloud storage to WeChat as temporary media: `kefu-upload-media`.
 *
 * `type` left out follows from the file's bytes. WeChat keeps the file for three days (`expiresAt`, in seconds);
 * within them the same file is not uploaded again.
 */
export async function uploadMedia(
  event: unknown,
  caller: Caller,
  ports: Ports,
): Promise<Answer<UploadedMedia>> {
  const input = ownFields(event);
  const refused = refuseNobody(decideRole(caller, ports.settings.operators));
  if (refused !== undefined) return refused;

  const { values, faults } = parseEvent(uploadFields, input);
  const account = readAccount(values['account'], ports.settings, faults);
  const fileID = values['fileID'];
  if (typeof fileID === 'string' && !fileID.startsWith('cloud://')) {
    faults.push({ path: 'fileID', message: 'must be a file in cloud storage: cloud://…', errCode: 41005 });
  }
  const type = values['type'] as MediaType | undefined;
  if (type !== undefined && !(mediaTypes[type].accounts as readonly Account[]).includes(account)) {
    faults.push({ path: 'type', message: `a ${account} account cannot upload ${type}`, errCode: 40004 });
  }
  if (hasFaults(faults)) return refuseFaults(faults);

  const result = await mediaFor({ fileID: String(fileID), type, account }, ports);
  return result.ok ? success(result.media) : result.refusal;
}
