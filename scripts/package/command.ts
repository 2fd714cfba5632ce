import { run } from '../kefu-cloud';

export { run };

/** The program of the package: what npm links as `kefu-cloud`. */
void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
