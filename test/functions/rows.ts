import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { FunctionRow } from '../../shared/core/define-function';

/** The rows of all functions that are built, as they say of themselves: for tables of tests, which are made at once. */
export function rowsOfBuilt(): FunctionRow[] {
  return readdirSync('cloudfunctions').map((name) => {
    const { main } = require(path.resolve('dist/cloudfunctions', name, 'index.js')) as {
      main: { readonly row: FunctionRow };
    };
    return main.row;
  });
}
