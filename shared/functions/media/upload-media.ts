import { success } from '../../core/answer';
import { accountField, defineFunction } from '../../core/define-function';
import type { Fault } from '../../wechat/fields/fault';
import { mediaTypeNames, takesMedia } from '../../wechat/media';
import { mediaFor } from './media-cache';
import { folderOf, foreignFile } from './own-files';

/**
 * Hands a file of cloud storage to WeChat as temporary media: `kefu-upload-media`.
 *
 * `type` left out follows from the file's bytes. WeChat keeps the file for three days (`expiresAt`, in seconds);
 * within them the same file is not uploaded again.
 *
 * `{folder: true}` answers the caller's own folder of cloud storage, whose files a client may name here and in messages.
 */
export const kefuUploadMedia = defineFunction({
  name: 'kefu-upload-media',
  access: 'any-user',
  fields: {
    fileID: { kind: 'text', need: 'always', missing: 41005, unless: 'folder' },
    folder: { kind: 'choice', need: 'never', values: [true], wrong: 40035 },
    type: { kind: 'choice', need: 'never', values: mediaTypeNames, wrong: 40004 },
    account: accountField,
  },
  calls: ['uploadTempMedia'],
  timeoutSeconds: 30,
  check({ fileID, folder, type, account }, call) {
    const faults: Fault[] = [];
    if (folder === true) {
      for (const [path, value] of Object.entries({ fileID, type }))
        if (value !== undefined) faults.push({ path, message: 'does not go with folder', errCode: 40035 });
      if (call.caller.openid === undefined)
        faults.push({ path: 'folder', message: 'is a user’s: the call names none', errCode: 40003 });
      return faults;
    }
    if (!fileID.startsWith('cloud://'))
      faults.push({ path: 'fileID', message: 'must be a file in cloud storage: cloud://…', errCode: 41005 });
    if (type !== undefined && !takesMedia(account, type))
      faults.push({
        path: 'type',
        message: `is ${type}, which the ${account} account cannot upload`,
        errCode: 40004,
      });
    const foreign = foreignFile('fileID', fileID, call);
    return faults.length > 0 || foreign === undefined ? faults : [foreign];
  },
  async run({ fileID, folder, type, account }, { caller, ports }) {
    if (folder === true) return success({ folder: folderOf(caller.openid ?? '', ports) });
    const result = await mediaFor({ fileID, type, account }, ports);
    return result.ok ? success(result.media) : result.refusal;
  },
});
