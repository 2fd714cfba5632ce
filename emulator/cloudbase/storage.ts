import type { PlainObject } from '../../shared/wechat/fields/values';
import type { Ids } from '../ids';

/** A file in cloud storage. */
export interface StoredFile {
  readonly fileID: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Cloud storage: the `storage.*` actions, and the files behind their addresses. */
export interface Storage {
  readonly actions: readonly string[];
  handle(action: string, body: PlainObject, origin: string): Record<string, unknown>;
  put(path: string, bytes: Uint8Array): StoredFile;
  get(path: string): StoredFile | undefined;
  list(): readonly StoredFile[];
  reset(): void;
}

/** The path under which the files themselves are put and got. */
export const storagePath = '/_storage/';

export function createStorage(options: { readonly envId: string; readonly ids: Ids }): Storage {
  const files = new Map<string, StoredFile>();
  const root = `cloud://${options.envId}.${options.envId}-bucket/`;
  const find = (fileID: unknown) => files.get(pathOf(fileID));

  type Action = (body: PlainObject, origin: string) => Record<string, unknown>;
  const actions: { readonly [action: string]: Action } = {
    'storage.getUploadMetadata': (body, origin) => {
      const path = String(body['path'] ?? '').replace(/^\/+/, '');
      if (path === '') return { code: 'INVALID_PARAM', message: 'path is missing' };
      const fileId = root + path;
      return {
        data: {
          url: `${origin}${storagePath}${encodePath(path)}`,
          token: 'local',
          authorization: 'local',
          fileId,
          cosFileId: fileId,
        },
      };
    },
    'storage.batchGetDownloadUrl': (body, origin) => ({
      data: {
        download_list: listOf(body['file_list']).map(({ fileid, max_age: maxAge }) => {
          const file = find(fileid);
          return file === undefined
            ? { code: 'STORAGE_FILE_NONEXIST', fileID: fileid, tempFileURL: '', maxAge }
            : {
                code: 'SUCCESS',
                fileID: fileid,
                // The SDK encodes the address once more, so it goes out plain.
                tempFileURL: `${origin}${storagePath}${file.path}`,
                maxAge,
              };
        }),
      },
    }),
    'storage.batchDeleteFile': (body) => ({
      data: {
        delete_list: (Array.isArray(body['fileid_list']) ? body['fileid_list'] : []).map(
          (fileID: unknown) => {
            const deleted = files.delete(pathOf(fileID));
            return { fileID, code: deleted ? 'SUCCESS' : 'STORAGE_FILE_NONEXIST' };
          },
        ),
      },
    }),
  };

  return {
    actions: Object.keys(actions),
    handle: (action, body, origin) => ({
      requestId: options.ids.next('req'),
      ...actions[action]?.(body, origin),
    }),
    put(path, bytes) {
      const file = { fileID: root + path, path, bytes };
      files.set(path, file);
      return file;
    },
    get: (path) => files.get(path),
    list: () => [...files.values()],
    reset: () => files.clear(),
  };
}

/** The path in a file's id, whatever environment and bucket it names: functions know those of their own cloud. */
function pathOf(fileID: unknown): string {
  return /^cloud:\/\/[^/]+\/(.+)$/.exec(String(fileID))?.[1] ?? '';
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function listOf(value: unknown): { fileid?: unknown; max_age?: unknown }[] {
  return Array.isArray(value) ? value : [];
}
