// Stands before the process that runs a function (emulator/functions/instance.ts). Turns the mutant on that its parent
// has on; where none is, tells what has been run.
{
  const { readFileSync, writeFileSync } = require('node:fs');
  const path = require('node:path');
  const folder = path.resolve(__dirname, '../mutants');
  const active = readFileSync(path.join(folder, `active-${process.ppid}`), 'utf8');
  if (active !== '') process.env.__STRYKER_ACTIVE_MUTANT__ = active;
  else {
    const send = process.send.bind(process);
    process.send = (...message) => {
      const ran = Object.keys(globalThis.__stryker__?.mutantCoverage?.static ?? {});
      writeFileSync(path.join(folder, `ran-${process.ppid}-${process.pid}`), ran.join(' '));
      return send(...message);
    };
  }
}
