import type { Call } from '../../core/define-function';
import type { Ports } from '../../core/ports';
import type { Fault } from '../../wechat/fields/fault';

/**
 * Whose files a caller may name. The functions read cloud storage with the owner's rights, and nothing tells them whose
 * a file is but its path: so a client names files of its own folder, and of those that the owner opened to clients.
 */

/** The folder of a user's own files: no other client may name what is in there. */
export function folderOf(openid: string, { digest }: Pick<Ports, 'digest'>): string {
  return `kefu-files/${digest(openid)}`;
}

/** The variable that opens folders to clients. */
const variable = 'KEFU_CLIENT_FILES';

/** The storage's own number for a file that a caller may not read. */
const denied = -503002;

/** What could be read as another path than it is written. */
const ambiguous = /(?:^|\/)\.{0,2}(?:\/|$)|[\\%?#]/;

/** Why a caller may not name a file of cloud storage; `undefined` where it may. Operators and the owner's code may name any. */
export function foreignFile(path: string, fileID: string, { role, caller, ports }: Call): Fault | undefined {
  const { openid } = caller;
  const { clientFiles } = ports.settings;
  if (role !== 'self' || openid === undefined || clientFiles.includes('*')) return undefined;
  const place = /^cloud:\/\/[^/]+\/(.+)$/s.exec(fileID)?.[1] ?? '';
  const own = folderOf(openid, ports);
  const isOpen = [own, ...clientFiles].some((folder) => place.startsWith(`${folder}/`));
  if (isOpen && !ambiguous.test(place)) return undefined;
  const message = `is not this user’s own: a client may name files in ${own}/ and where ${variable} says`;
  return { path, message, errCode: denied };
}
