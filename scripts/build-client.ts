import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { accounts } from '../shared/wechat/account';
import { errorCodes } from '../shared/wechat/errors/errors';
import { toCamelKey } from '../shared/wechat/fields/case';
import type { Field, Fields } from '../shared/wechat/fields/fields';
import { mediaTypeNames } from '../shared/wechat/media';
import { helperForms, messageForms } from '../shared/wechat/messages/build-message';
import {
  type MessageTypeName,
  messageOptions,
  messageTypeNames,
  messageTypes,
} from '../shared/wechat/messages/message-types';
import { subscribeFields, templateFields } from '../shared/wechat/messages/template-messages';
import { buildMiniprogramNpm } from './build-miniprogram-npm';

/** The mini program's sources, and where it is built to: the folder that WeChat DevTools opens. */
export const clientSource = 'miniprogram';
export const clientRoot = 'dist/miniprogram';

/** What the typed client may come to, minified. */
export const clientBudgetBytes = 6 * 1024;

/** The newest syntax in what is built. Mini programs run on engines of their own, the oldest of these years. */
const target = 'es2017';

const clientFile = 'kefu-client.ts';

/** What was built, and how large it is, minified: as DevTools uploads it. */
export interface Built {
  readonly minifiedBytes: number;
}

/**
 * Builds the mini program: every TypeScript file into one of JavaScript beside its page, and the client's types into
 * a file that imports nothing. The client itself is two files then, to be copied: `kefu-client.js`, `kefu-client.d.ts`.
 * The types take most of the time; without `types` their file is empty.
 */
export async function buildClient(
  outdir: string = clientRoot,
  { types: withTypes = true }: { readonly types?: boolean } = {},
): Promise<Built> {
  const files = (await readdir(clientSource, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/^tsconfig\.json$|\.d\.ts$/.test(entry.name))
    .map((entry) => path.relative(clientSource, path.join(entry.parentPath, entry.name)));
  const isScript = (file: string) => file.endsWith('.ts');
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const [built] = await Promise.all([
    buildCopied(clientFileOf, outdir, withTypes),
    build({
      ...options,
      format: 'cjs',
      entryPoints: files
        .filter((file) => isScript(file) && file !== clientFile)
        .map((file) => path.join(clientSource, file)),
      outbase: clientSource,
      outdir,
    }),
    buildMiniprogramNpm(clientSource, 'desk', outdir, target),
    ...files
      .filter((file) => !isScript(file))
      .map((file) => cp(path.join(clientSource, file), path.join(outdir, file))),
  ]);
  return built;
}

const options = { target, charset: 'utf8', logLevel: 'warning' } as const;

/** A file to be copied by others: it imports nothing once it is built, and so do its types. */
export interface Copied {
  readonly source: string;
  /** What it has of the tables, by the name of its import: it goes into it as it is, without the tables. */
  readonly forms: { readonly [name: string]: readonly string[] };
  readonly target: string;
}

const clientFileOf: Copied = {
  source: path.join(clientSource, clientFile),
  forms: { messageForms },
  target,
};

/** Builds such a file, and its types, into a folder that is there. */
export async function buildCopied(copied: Copied, outdir: string, withTypes = true): Promise<Built> {
  const [plain, minified, types] = await Promise.all([
    oneFile(copied, false),
    oneFile(copied, true),
    withTypes ? declarations(copied) : '',
  ]);
  const place = path.join(outdir, path.basename(copied.source, '.ts'));
  await Promise.all([writeFile(`${place}.js`, plain), writeFile(`${place}.d.ts`, types)]);
  return { minifiedBytes: Buffer.byteLength(minified) };
}

/** Such a file as CommonJS. esbuild's own CommonJS would bring 400 bytes that only a dynamic export needs. */
async function oneFile({ source, forms, target }: Copied, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    target,
    entryPoints: [source],
    format: 'esm',
    bundle: true,
    plugins: [values(forms)],
    minify,
    write: false,
  });
  const [code = '', exported = ''] = (outputFiles[0]?.text ?? '').split(/export ?\{([^}]*)\};\n$/);
  const assigned = exported.split(',').map((each) => {
    const [local = '', name = local] = each.trim().split(' as ');
    return `exports.${name}=${local};`;
  });
  return `"use strict";\n${code}${assigned.join(minify ? '' : '\n')}\n`;
}

function values(forms: Copied['forms']): Plugin {
  const lines = Object.entries(forms).map(
    ([name, list]) => `export const ${name} = ${JSON.stringify(list.join(' '))}.split(' ');`,
  );
  return {
    name: 'values',
    setup(build) {
      build.onLoad({ filter: /[\\/]build-message\.ts$/ }, () => ({ contents: lines.join('\n') }));
    },
  };
}

/** Its declarations as the compiler writes them, with the types it imports written out from the tables. */
async function declarations({ source }: Copied): Promise<string> {
  const outdir = await mkdtemp(path.join(tmpdir(), 'kefu-client-'));
  try {
    await writeDeclarations([source], outdir);
    return writeOutImports(await readFile(path.join(outdir, source.replace(/ts$/, 'd.ts')), 'utf8'), source);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

const compilerOptions = [
  ...'--ignoreConfig --declaration --emitDeclarationOnly --strict --skipLibCheck'.split(' '),
  ...'--target es2022 --module preserve --moduleResolution bundler'.split(' '),
  ...['--types', ''],
];

/** Has the compiler write the declarations of files, and of all that they stand on. */
export async function writeDeclarations(
  files: readonly string[],
  outdir: string,
  ...options: readonly string[]
): Promise<void> {
  const typescript = createRequire(path.resolve('package.json')).resolve('typescript/package.json');
  const tsc = path.join(path.dirname(typescript), 'bin/tsc');
  const args = [tsc, ...files, ...compilerOptions, ...options, '--outDir', outdir];
  await promisify(execFile)(process.execPath, args).catch((error: { stdout?: string }) => {
    throw new Error(`the types of ${files.join(', ')} cannot be written:\n${error.stdout}`);
  });
}

const forms = messageForms.map((form) => form.split('.'));
const helpers = helperForms.map((form) => form.split('.'));

/** The types that the client has from `shared/wechat`, and those it makes of the tables there. */
const writtenOut: { readonly [name: string]: () => string } = {
  Account: () => choice(accounts),
  CloudFile: () => `\`cloud://\${string}\``,
  ErrorCodeName: () => choice(Object.keys(errorCodes)),
  MediaType: () => choice(mediaTypeNames),
  MessageInput: () =>
    messageTypeNames.flatMap((name) => spellings.map((spell) => `\n    | ${message(name, spell)}`)).join(''),
  MessageMethods: () =>
    `{ ${forms.map(([method, msgtype]) => `readonly ${method}: '${msgtype}'`).join('; ')} }`,
  HelperTypes: () =>
    `{ ${helpers.map(([helper, msgtype]) => `readonly ${helper}: '${msgtype}'`).join('; ')} }`,
  ListTypeName: () =>
    choice(helpers.flatMap(([, msgtype = '', field = '']) => (field.endsWith('[]') ? [msgtype] : []))),
  ShortTypeName: () =>
    choice(forms.flatMap(([, msgtype = '', field]) => (field === undefined ? [] : [msgtype]))),
  TypeAccounts: () =>
    `{ ${messageTypeNames.map((name) => `readonly ${name}: ${choice(messageTypes[name].accounts)}`).join('; ')} }`,
  TemplateContent: () => contents(templateFields),
  SubscribeContent: () => contents(subscribeFields),
};

const imported = /^import (?:type )?\{([^}]*)\} from '[^']*';\n/gm;
const reExported = /^export type \{[^}]*\};\n/m;

function writeOutImports(declarations: string, source: string): string {
  const names = [...declarations.matchAll(imported)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim().replace(/^type /, '')),
  );
  const usedOnly = ['CamelKey', 'CloudShape', 'Shape', 'messageTypes', 'subscribeFields', 'templateFields'];
  const unknown = names.filter((name) => !Object.hasOwn(writtenOut, name) && !usedOnly.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `${source} imports types that scripts/build-client.ts cannot write out: ${unknown.join(', ')}`,
    );
  }
  let text = declarations.replace(imported, '').replace(reExported, '');
  for (const [name, render] of Object.entries(writtenOut)) {
    const written = `export type ${name} = ${render()};\n`;
    const declared = new RegExp(`^export type ${name} = [\\s\\S]*?;\\n(?![ }])`, 'm');
    if (declared.test(text)) text = text.replace(declared, () => written);
    else if (names.includes(name)) text += written;
  }
  const accompanying = spellings.map(
    (spell) => `interface ${optionsName(spell)} ${shape({ touser: optional, ...messageOptions }, spell)}\n`,
  );
  return text + accompanying.join('');
}

const optional = { kind: 'text', need: 'never' } as const;

/** What a template's message holds beside its addressee. */
function contents({ touser, ...fields }: Fields): string {
  return spellings.map((spell) => `\n    | ${shape(fields, spell)}`).join('');
}

/** The two spellings of field names. */
const spellings = [(key: string) => key, toCamelKey] as const;
type Spell = (typeof spellings)[number];

function choice(values: readonly (string | number | boolean)[]): string {
  return values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' | ');
}

/** A message of one type: its body, what may stand in a media id's place, and what may accompany it. */
function message(name: MessageTypeName, spell: Spell): string {
  const body: Fields = messageTypes[name].body;
  const bodies = [shape(body, spell)];
  for (const [id, field] of Object.entries(body)) {
    const { [id]: _standsFor, ...others } = body;
    for (const file of field.kind === 'media' ? field.fileKeys : [])
      bodies.push(`{ ${[...lines(others, spell), `readonly ${file}: CloudFile`].join('; ')} }`);
  }
  return `(${optionsName(spell)} & { readonly msgtype: '${name}'; readonly ${name}: ${bodies.join(' | ')} })`;
}

/** The name under which stands what may accompany a message of any type. */
const optionsName = (spell: Spell) => (spell === toCamelKey ? 'CloudMessageOptions' : 'MessageOptions');

function shape(fields: Fields, spell: Spell): string {
  return `{ ${lines(fields, spell).join('; ')} }`;
}

function lines(fields: Fields, spell: Spell): string[] {
  return Object.entries(fields).map(
    ([name, field]) =>
      `readonly ${spell(name)}${field.need === 'always' ? '' : '?'}: ${typeOf(field, spell)}`,
  );
}

function typeOf(field: Field, spell: Spell): string {
  switch (field.kind) {
    case 'choice':
      return choice(field.values);
    case 'group':
      return shape(field.fields, spell);
    case 'list':
      return `readonly ${shape(field.fields, spell)}[]`;
    case 'data':
      return '{ readonly [key: string]: { readonly value: string | number; readonly color?: string } }';
    case 'integer':
    case 'number':
      return 'number';
    case 'text':
    case 'openid':
    case 'media':
    case 'id':
      return 'string';
  }
}
