import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { bareContext } from '../../emulator/phone/bare-context';
import type * as Client from '../../miniprogram/kefu-client';

/** Loads the built client as a mini program does: where there is nothing but the language of 2017, timers and `wx`. */
export function loadBuiltClient(root: string, wx?: object): typeof Client {
  const context = bareContext({
    // Looked up at each call, so that a test can stop the time.
    setTimeout: (work: () => void, ms: number) => setTimeout(work, ms),
    clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
    ...(wx === undefined ? {} : { wx }),
  });
  const code = readFileSync(path.join(root, 'kefu-client.js'), 'utf8');
  const module = { exports: {} };
  const run = vm.runInContext(`(function (module, exports) {${code}\n})`, context) as (
    module: object,
    exports: object,
  ) => void;
  run(module, module.exports);
  return module.exports as typeof Client;
}
