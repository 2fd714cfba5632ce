import { addressOf, forgetFile, heldFile, holdFile, keepFile, userPath } from '../files';
import { words } from '../words';
import { Failure, textOf, toApis } from './api';
import { showToast } from './questions';

/** Lets the user choose files of this machine. */
function choose(accept: string, multiple: boolean): Promise<readonly File[]> {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.multiple = multiple;
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => reject(new Failure('cancel')));
    input.click();
  });
}

async function chosen(accept: string, count: unknown) {
  const most = Number(count) || 9;
  const files = (await choose(accept, most > 1)).slice(0, most);
  return files.map((file) => ({ file, path: holdFile(file, file.name) }));
}

/** Writes what a mini program wrote: a text, or bytes. */
function write({ filePath, data, encoding }: { readonly [field: string]: unknown }): void {
  const path = textOf(filePath);
  if (!path.startsWith(userPath)) throw new Failure(`permission denied, open "${path}"`);
  const bytes =
    encoding === 'base64' ? Uint8Array.from(atob(textOf(data)), (each) => each.charCodeAt(0)) : data;
  keepFile(path, new Blob([typeof bytes === 'string' ? bytes : (bytes as BlobPart)]));
}

const fileSystem = {
  writeFileSync: (filePath: unknown, data: unknown, encoding?: unknown) =>
    write({ filePath, data, encoding }),
  unlinkSync: (path: unknown) => void forgetFile(textOf(path)),
  accessSync(path: unknown) {
    if (heldFile(textOf(path)) === undefined)
      throw new Error(`no such file or directory, access "${textOf(path)}"`);
  },
  ...toApis({
    writeFile: write,
    async readFile({ filePath, encoding }) {
      const file = heldFile(textOf(filePath));
      if (file === undefined) throw new Failure(`no such file or directory, open "${textOf(filePath)}"`);
      return { data: encoding === undefined ? await file.arrayBuffer() : await file.text() };
    },
    unlink({ filePath }) {
      forgetFile(textOf(filePath));
    },
    async getFileInfo({ filePath }) {
      return { size: heldFile(textOf(filePath))?.size ?? 0 };
    },
  }),
};

/** Hands a file to whoever sits before the browser. */
function handOut(path: string): void {
  const link = document.createElement('a');
  link.href = addressOf(path);
  link.download = path.split('/').at(-1) ?? '';
  link.click();
}

/** What a sound tells: WeChat's names, with the browser's. */
const soundEvents = {
  Canplay: 'canplay',
  Play: 'play',
  Pause: 'pause',
  Stop: 'stop',
  Ended: 'ended',
  TimeUpdate: 'timeupdate',
  Waiting: 'waiting',
  Error: 'error',
} as const;

type Listener = (detail: object) => void;

/** `onPlay`, `offPlay` and the like; `off…` without a listener forgets them all. */
function listening(audio: HTMLAudioElement): object {
  const pairs = Object.entries(soundEvents).flatMap(([name, event]) => {
    const listeners = new Set<Listener>();
    audio.addEventListener(event, () => {
      const detail = event === 'error' ? { errCode: 10001, errMsg: 'cannot play' } : {};
      for (const listener of listeners) listener(detail);
    });
    const forget = (listener?: Listener) =>
      listener === undefined ? listeners.clear() : void listeners.delete(listener);
    return [
      [`on${name}`, (listener: Listener) => void listeners.add(listener)],
      [`off${name}`, forget],
    ];
  });
  return Object.fromEntries(pairs);
}

/** What a mini program sets of a sound that the browser has under the same name. */
const soundSettings = ['autoplay', 'loop', 'volume', 'playbackRate'] as const;

/** `wx.createInnerAudioContext()`: a sound, played by the browser. */
function createInnerAudioContext() {
  const audio = new Audio();
  let source = '';
  const context = {
    get src() {
      return source;
    },
    set src(src: string) {
      source = src;
      audio.src = addressOf(src);
    },
    get duration() {
      return Number.isFinite(audio.duration) ? audio.duration : 0;
    },
    get currentTime() {
      return audio.currentTime;
    },
    get paused() {
      return audio.paused;
    },
    obeyMuteSwitch: true,
    // What cannot be played is told by its event.
    play: () => void audio.play().catch(() => undefined),
    pause: () => audio.pause(),
    stop: () => {
      audio.pause();
      audio.currentTime = 0;
      audio.dispatchEvent(new Event('stop'));
    },
    seek: (seconds: number) => {
      audio.currentTime = seconds;
    },
    destroy: () => {
      audio.pause();
      audio.removeAttribute('src');
    },
    ...listening(audio),
  };
  for (const name of soundSettings) {
    const set = (value: never) => {
      audio[name] = value;
    };
    Object.defineProperty(context, name, { enumerable: true, get: () => audio[name], set });
  }
  return context;
}

/** Pictures, sounds and files. */
export const mediaApis = {
  createInnerAudioContext,
  getFileSystemManager: () => fileSystem,
  ...toApis({
    async chooseMedia({ count, mediaType }) {
      const types = Array.isArray(mediaType) ? mediaType.map(textOf) : ['image', 'video'];
      const accepts = types.flatMap((type) => (type === 'mix' ? ['image/*', 'video/*'] : [`${type}/*`]));
      const files = await chosen(accepts.join(), count);
      return {
        type: types.length === 1 ? types[0] : 'mix',
        tempFiles: files.map(({ file, path }) => ({
          tempFilePath: path,
          size: file.size,
          fileType: file.type.split('/')[0],
        })),
      };
    },
    async chooseImage({ count }) {
      const files = await chosen('image/*', count);
      return {
        tempFilePaths: files.map(({ path }) => path),
        tempFiles: files.map(({ file, path }) => ({ path, size: file.size })),
      };
    },
    async chooseMessageFile({ count, type }) {
      const accept = type === 'image' ? 'image/*' : type === 'video' ? 'video/*' : '';
      const files = await chosen(accept, count ?? 1);
      return {
        tempFiles: files.map(({ file, path }) => ({
          path,
          name: file.name,
          size: file.size,
          type: /^(image|video)/.exec(file.type)?.[1] ?? 'file',
          time: Math.floor(file.lastModified / 1000),
        })),
      };
    },
    async getImageInfo({ src }) {
      const image = new Image();
      image.src = addressOf(textOf(src));
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight, path: textOf(src) };
    },
    compressImage: ({ src }) => ({ tempFilePath: textOf(src) }),
    openDocument({ filePath }) {
      handOut(textOf(filePath));
    },
    saveImageToPhotosAlbum({ filePath }) {
      handOut(textOf(filePath));
    },
    async setClipboardData({ data }) {
      await navigator.clipboard.writeText(textOf(data)).catch(() => {
        throw new Failure('the browser does not allow it');
      });
      showToast(words.copied);
    },
    async getClipboardData() {
      return { data: await navigator.clipboard.readText() };
    },
  }),
};
