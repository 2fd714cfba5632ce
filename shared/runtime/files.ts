import { inChunks } from '../core/groups';
import { type Files, stepMs } from '../core/ports';
import { sdk } from './sdk';
import { sendHttp } from './send-http';
import { within } from './within';

/** How long a download link is asked to hold, in seconds. */
const linkSeconds = 600;

/** How many files the platform deletes in one call. */
const deletedAtOnce = 50;

/** How long a whole file may take, in milliseconds. */
const transferMs = 8000;

/**
 * Cloud storage through the SDK.
 *
 * Files are read through their link rather than by the SDK's `downloadFile`, which knows neither a size limit nor a
 * timeout: any client can name any file, and a film must not fill the instance's memory.
 */
export function createCloudFiles(): Files {
  return {
    async read(fileID, maxBytes) {
      try {
        if (/^https?:/.test(fileID)) return await download(fileID, maxBytes);
        const { fileList } = await within(
          stepMs,
          sdk().getTempFileURL({ fileList: [{ fileID, maxAge: linkSeconds }] }),
        );
        const url = fileList[0]?.tempFileURL;
        if (url === undefined || url === '')
          return { ok: false, errCode: -503003, errMsg: 'no such file in cloud storage' };
        return await download(url, maxBytes);
      } catch {
        return { ok: false, errCode: -503001, errMsg: 'cloud storage could not be read' };
      }
    },

    async write(cloudPath, bytes) {
      try {
        const { fileID } = await within(
          transferMs,
          sdk().uploadFile({ cloudPath, fileContent: Buffer.from(bytes) }),
        );
        return { ok: true, fileID };
      } catch {
        return { ok: false, errCode: -503001, errMsg: 'cloud storage could not be written' };
      }
    },

    async remove(fileIDs) {
      try {
        for (const fileList of inChunks(fileIDs, deletedAtOnce))
          await within(transferMs, sdk().deleteFile({ fileList }));
        return true;
      } catch {
        return false;
      }
    },
  };
}

async function download(url: string, maxBytes: number): ReturnType<Files['read']> {
  // The link holds the file's name as it is, as the SDK's own download expects it.
  const reply = await sendHttp({ url: encodeURI(url), timeoutMs: transferMs, maxBytes });
  if (!reply.ok) {
    return reply.why === 'too-large'
      ? { ok: false, errCode: 45001, errMsg: `the file is larger than ${maxBytes} bytes` }
      : { ok: false, errCode: -503001, errMsg: 'cloud storage could not be read' };
  }
  return reply.status === 200
    ? { ok: true, bytes: reply.body }
    : { ok: false, errCode: -503003, errMsg: `cloud storage answered ${reply.status}` };
}
