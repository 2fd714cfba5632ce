import { type CloudFile, isCloudFile } from './kefu-client';

/** A picture the user chose: where the phone has it, to be shown, and where cloud storage has it, to be sent. */
export interface Picture {
  readonly path: string;
  readonly fileID: CloudFile;
}

/** Lets the user choose a picture and uploads it to cloud storage. `undefined` where the user chose none. */
export async function choosePicture(): Promise<Picture | undefined> {
  const path = await wx
    .chooseMedia({ count: 1, mediaType: ['image'], sizeType: ['compressed'] })
    .then(({ tempFiles }) => tempFiles[0]?.tempFilePath)
    // The user closed the chooser.
    .catch(() => undefined);
  if (path === undefined) return undefined;
  const extension = /\.\w+$/.exec(path)?.[0] ?? '.jpg';
  const name = `${Date.now()}-${Math.random().toString(36).slice(2)}${extension}`;
  const { fileID } = await wx.cloud.uploadFile({ cloudPath: `${await ownFolder()}/${name}`, filePath: path });
  if (!isCloudFile(fileID)) throw new Error(`not an address of cloud storage: ${fileID}`);
  return { path, fileID };
}

/** The folder of cloud storage whose files this user may send: the functions tell it, and it stays the same. */
async function ownFolder(): Promise<string> {
  const { result } = await wx.cloud.callFunction({ name: 'kefu-upload-media', data: { folder: true } });
  const { folder } = (result ?? {}) as { folder?: string };
  if (folder === undefined) throw new Error('kefu-upload-media did not name a folder');
  return folder;
}
