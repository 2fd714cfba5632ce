import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { hasPackagedBrowser, installedBrowsers, whyNoBrowser } from './find-browser';

/**
 * No sandbox of its own (tests run as root in a container), no traffic of its own, and no code made faster that is soon
 * gone: pages here are loaded often and live briefly.
 */
const args = [
  '--js-flags=--no-opt --no-maglev',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
];

/** A program, and the variables that it needs beside the usual ones. */
interface Candidate {
  readonly executablePath: string;
  readonly env?: { readonly [name: string]: string };
}

/** Starts the first browser of this machine that starts; fails with a sentence that says what to do where none does. */
export async function startBrowser(): Promise<Browser> {
  const tried: string[] = [];
  for (const { executablePath, env } of candidates()) {
    try {
      return await chromium.launch({ executablePath, args, env: { ...process.env, ...env } });
    } catch (error) {
      tried.push(`${executablePath}: ${firstLine(error)}`);
    }
  }
  throw new Error(
    whyNoBrowser() ??
      `No browser of this machine starts; CHROME_PATH names another. Tried:\n${tried.join('\n')}`,
  );
}

function* candidates(): Generator<Candidate> {
  for (const executablePath of installedBrowsers()) yield { executablePath };
  if (!hasPackagedBrowser()) return;
  const text = execFileSync(process.execPath, ['scripts/browser/packaged-browser.mjs'], { encoding: 'utf8' });
  const { executablePath, fonts, libraries } = JSON.parse(text) as {
    readonly executablePath: string;
    readonly fonts: { readonly [name: string]: string };
    readonly libraries: { readonly [name: string]: string };
  };
  yield { executablePath, env: fonts };
  yield { executablePath, env: { ...fonts, ...libraries } };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
