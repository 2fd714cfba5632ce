import type { Account } from '../kefu-client';
import type { Payload } from './model/contract';

/** Pictures and files, from the phone to a message. */

/** The kinds of file that can be sent, by their ending, and who may send them. */
const kinds: readonly {
  readonly endings: RegExp;
  readonly msgtype: 'image' | 'voice';
  readonly accounts: readonly Account[];
}[] = [
  { endings: /^\.(?:jpe?g|png|gif|bmp|webp)$/i, msgtype: 'image', accounts: ['miniprogram', 'official'] },
  { endings: /^\.(?:mp3|amr)$/i, msgtype: 'voice', accounts: ['official'] },
];

type FileKind = NonNullable<ReturnType<typeof kindOfFile>>;

/** Which message a file makes; nothing where this account cannot send it. */
export function kindOfFile(path: string, account: Account) {
  const ending = /\.\w+$/.exec(path)?.[0] ?? '.jpg';
  const kind = kinds.find(
    ({ endings, accounts }) => endings.test(ending) && accounts.indexOf(account) !== -1,
  );
  return kind === undefined ? undefined : { ending, msgtype: kind.msgtype };
}

/** Lets the operator choose a picture, or a file of a chat. `undefined` where it chose none. */
export async function chooseFile(from: 'album' | 'chat'): Promise<string | undefined> {
  try {
    if (from === 'album') {
      const { tempFiles } = await wx.chooseMedia({
        count: 1,
        mediaType: ['image'],
        sizeType: ['compressed'],
      });
      return tempFiles[0]?.tempFilePath;
    }
    const { tempFiles } = await wx.chooseMessageFile({ count: 1, type: 'all' });
    return tempFiles[0]?.path;
  } catch {
    // The operator closed the chooser.
    return undefined;
  }
}

/** Uploads a file to cloud storage, as the message that its kind makes. Rejects where it cannot be uploaded. */
export async function uploadFile(path: string, { ending, msgtype }: FileKind): Promise<Payload> {
  const name = `${Date.now()}-${Math.random().toString(36).slice(2)}${ending}`;
  const { fileID } = await wx.cloud.uploadFile({ cloudPath: `kefu-desk/${name}`, filePath: path });
  return { msgtype, [msgtype]: { fileID } };
}
