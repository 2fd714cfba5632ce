import { success } from '../../core/answer';
import { accountField, defineFunction } from '../../core/define-function';
import type { Account } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import { mediaTypeNames, mediaTypes } from '../../wechat/media';
import { mediaFor } from './media-cache';

/**
 * Hands a file of cloud storage to WeChat as temporary media: `kefu-upload-media`.
 *
 * `type` left out follows from the file's bytes. WeChat keeps the file for three days (`expiresAt`, in seconds);
 * within them the same file is not uploaded again.
 */
export const kefuUploadMedia = defineFunction({
  name: 'kefu-upload-media',
  access: 'any-user',
  fields: {
    fileID: { kind: 'text', need: 'always', missing: 41005 },
    type: { kind: 'choice', need: 'never', values: mediaTypeNames, wrong: 40004 },
    account: accountField,
  },
  calls: ['uploadTempMedia'],
  timeoutSeconds: 30,
  check({ fileID, type, account }) {
    const faults: Fault[] = [];
    if (!fileID.startsWith('cloud://'))
      faults.push({ path: 'fileID', message: 'must be a file in cloud storage: cloud://…', errCode: 41005 });
    if (type !== undefined && !(mediaTypes[type].accounts as readonly Account[]).includes(account))
      faults.push({ path: 'type', message: `the ${account} account cannot upload ${type}`, errCode: 40004 });
    return faults;
  },
  async run({ fileID, type, account }, { ports }) {
    const result = await mediaFor({ fileID, type, account }, ports);
    return result.ok ? success(result.media) : result.refusal;
  },
});
