import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

/** Nothing needs Linux: what Windows and macOS run otherwise is held here, where they cannot be run. */

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const read = (file: string) => readFileSync(file, 'utf8');

test('npm scripts are such as cmd.exe runs too', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { [name: string]: string } };
  for (const [name, script] of Object.entries(scripts)) {
    expect([name, script]).toEqual([name, expect.not.stringMatching(/'|\$|;|\||\b(?:rm|cp|mv|mkdir) /)]);
    for (const command of script.split(' && '))
      expect([name, command]).toEqual([
        name,
        expect.stringMatching(/^(?:npm|node|biome|tsc|knip|jest|stryker)\b/),
      ]);
  }
});

/** The commands in a page's blocks. */
const commandsIn = (text: string) =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, code = '']) => code.split('\n'));

test.each(files.filter((file) => file.endsWith('.md') && !file.startsWith('test/')))(
  'the commands in %s are such as PowerShell takes as well as bash',
  (file) => {
    const wrong = commandsIn(read(file)).filter(
      (line) => /&&|\|\|/.test(line.replace(/#.*/, '')) || /^\w+=\S* +(?:npm|npx|node)\b/.test(line),
    );
    expect(wrong).toEqual([]);
  },
);

describe('the sources', () => {
  // The emulated phone has a phone's places.
  const sources = files.filter(
    (file) =>
      /^(?:scripts|emulator|shared|server|bench)\/.*\.[cm]?tsx?$/.test(file) &&
      !file.startsWith('emulator/phone/'),
  );

  test.each([
    ['a place of one system', /['"`]\/(?:tmp|dev|proc|etc|var)\b/],
    [
      'a file’s address taken for its path, which on Windows has a slash before its drive',
      /import\.meta\.url\)\.pathname/,
    ],
    [
      'a program that Windows has under another name',
      /spawn(?:Sync)?\(\s*['"](?:npm|npx|tcb|rm|cp|sh|bash|which)['"](?!.*shell: process.platform)/,
    ],
    ['who the user is, which Windows does not number', /process\.get(?:e?uid|e?gid)/],
  ])('do not name %s', (_what, pattern) => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.filter((file) => pattern.test(read(file)))).toEqual([]);
  });
});

test('files have the same bytes everywhere, and no two names differ by their capitals alone', () => {
  expect(read('.gitattributes')).toMatch(/^\* text=auto eol=lf$/m);
  const small = files.map((file) => file.toLowerCase());
  expect(files.filter((_file, place) => small.indexOf(small[place] ?? '') !== place)).toEqual([]);
  // Windows allows none of these in a name, nor these names whatever their ending.
  const forbidden = /[<>:"|?*\\]|[. ]$|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\/|$)/i;
  expect(files.filter((file) => forbidden.test(file))).toEqual([]);
});
