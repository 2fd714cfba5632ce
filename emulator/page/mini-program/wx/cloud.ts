import { addressOf, heldFile, holdFile } from '../files';
import { openid } from '../phone';
import { Failure, textOf, toApis } from './api';

let ready = false;

function mustBeReady(): void {
  if (!ready) throw new Failure("Cloud API isn't enabled, please call wx.cloud.init first");
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  mustBeReady();
  if (!navigator.onLine) throw new Failure('request:fail net::ERR_INTERNET_DISCONNECTED', { errCode: -1 });
  return fetch(path, init).catch(() => {
    throw new Failure('request:fail net::ERR_CONNECTION_REFUSED', { errCode: -1 });
  });
}

/** Whether a call only asks what is new, as the desk does every two seconds: the page's log would show nothing else. */
function isPoll(data: unknown): boolean {
  return (data as { readonly action?: unknown } | undefined)?.action === 'changes';
}

/** `wx.cloud`: the functions run in the local WeChat, the files are in its storage. */
export const cloud = {
  init() {
    ready = true;
  },

  ...toApis(
    {
      async callFunction({ name, data }) {
        const response = await ask('/_emulator/call', {
          method: 'POST',
          body: JSON.stringify({ name, data: data ?? {}, openid, quiet: isPoll(data) }),
        });
        const answer = (await response.json()) as {
          readonly errMsg?: string;
          readonly errCode?: number;
          readonly error?: string;
        };
        if (answer.errMsg?.endsWith(':ok')) return answer;
        const { errCode = -1, errMsg = `cloud.callFunction:fail ${answer.error ?? response.status}` } =
          answer;
        throw new Failure(errMsg, { errCode, errMsg });
      },

      async uploadFile({ cloudPath, filePath }) {
        const file = heldFile(textOf(filePath));
        if (file === undefined) throw new Failure(`no such file: ${textOf(filePath)}`);
        const path = textOf(cloudPath).split('/').map(encodeURIComponent).join('/');
        const response = await ask(`/_emulator/files/${path}`, { method: 'PUT', body: file });
        const { fileID } = (await response.json()) as { readonly fileID: string };
        return { fileID, statusCode: 204 };
      },

      async downloadFile({ fileID }) {
        const response = await ask(addressOf(textOf(fileID)), {});
        if (!response.ok) throw new Failure('STORAGE_FILE_NONEXIST', { errCode: -503002 });
        return { tempFilePath: holdFile(await response.blob(), textOf(fileID)), statusCode: 200 };
      },

      getTempFileURL({ fileList }) {
        mustBeReady();
        const files = Array.isArray(fileList) ? fileList : [];
        return {
          fileList: files.map((file: unknown) => {
            const fileID = textOf(typeof file === 'object' ? (file as { fileID?: unknown })?.fileID : file);
            return {
              fileID,
              tempFileURL: new URL(addressOf(fileID), location.href).href,
              status: 0,
              errMsg: 'ok',
            };
          }),
        };
      },
    },
    'cloud.',
  ),
};
