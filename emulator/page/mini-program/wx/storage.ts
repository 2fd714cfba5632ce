import { openid } from '../phone';
import { Failure, textOf, toApis } from './api';

/** What the phone keeps stands in the browser, under the name of whose phone it is. */
const prefix = `phone/${openid}/`;

function read(key: unknown): unknown {
  const stored = localStorage.getItem(prefix + textOf(key));
  return stored === null ? undefined : (JSON.parse(stored) as { readonly data: unknown }).data;
}

function write(key: unknown, data: unknown): void {
  localStorage.setItem(prefix + textOf(key), JSON.stringify({ data }));
}

function keys(): string[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

function remove(key: unknown): void {
  localStorage.removeItem(prefix + textOf(key));
}

function clear(): void {
  for (const key of keys()) remove(key);
}

const info = () => ({ keys: keys(), currentSize: 0, limitSize: 10_240 });

/** `wx.getStorage` and its like. */
export const storage = {
  getStorageSync: (key: unknown) => read(key) ?? '',
  setStorageSync: write,
  removeStorageSync: remove,
  clearStorageSync: clear,
  getStorageInfoSync: info,
  ...toApis({
    getStorage({ key }) {
      const data = read(key);
      if (data === undefined) throw new Failure('data not found');
      return { data };
    },
    setStorage({ key, data }) {
      write(key, data);
    },
    removeStorage({ key }) {
      remove(key);
    },
    clearStorage() {
      clear();
    },
    getStorageInfo: info,
  }),
};
