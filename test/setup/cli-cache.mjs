// Comes before the CloudBase CLI (`--import`) and keeps what V8 made of its one file of 32 MB, which is half of each
// start. V8 itself refuses what it kept of another file, or of another V8.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

// It ends before any of it is hot.
v8.setFlagsFromString('--no-opt');

const kept = fileURLToPath(
  new URL(`../../node_modules/.cache/kefu-cloud/cli-${process.version}`, import.meta.url),
);
const compile = Module.prototype._compile;

Module.prototype._compile = function (content, filename, ...rest) {
  if (!filename.endsWith(path.join('standalone', 'cli.js')))
    return compile.call(this, content, filename, ...rest);
  const script = new vm.Script(Module.wrap(content), {
    filename,
    cachedData: read(),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // At the end, when all is compiled that was called.
  if (script.cachedDataRejected !== false) process.on('exit', () => keep(script.createCachedData()));
  const { exports } = this;
  return script
    .runInThisContext()
    .call(exports, exports, createRequire(filename), this, filename, path.dirname(filename));
};

function read() {
  try {
    return readFileSync(kept);
  } catch {
    return undefined;
  }
}

/** Written whole and then renamed, as several may start at a time. */
function keep(data) {
  try {
    mkdirSync(path.dirname(kept), { recursive: true });
    writeFileSync(`${kept}-${process.pid}`, data);
    renameSync(`${kept}-${process.pid}`, kept);
  } catch {
    // Then the next start is as slow as this one.
  }
}
