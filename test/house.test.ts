import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** The house: which folder may stand on which, folder by folder; the linter holds the same for single imports. */

const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && existsSync(file));

/** What a file imports of the project, as files from its root. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].flatMap(([, target = '']) => {
    const place = path.posix.join(path.posix.dirname(file), target);
    return [place, `${place}.ts`, `${place}.tsx`].find((each) => sources.includes(each)) ?? [];
  });
}

/** Arrows between parts of the house: which of them import which others, and by which files. */
function arrows(partOf: (file: string) => string | undefined): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const file of sources) {
    const from = partOf(file);
    if (from === undefined) continue;
    for (const target of importsOf(file)) {
      const to = partOf(target);
      if (to === undefined || to === from) continue;
      const known = found.get(from) ?? new Map<string, string>();
      known.set(to, `${file} → ${target}`);
      found.set(from, known);
    }
  }
  return found;
}

/** A circle among parts, as the files that tie it; empty where there is none. */
function circleIn(graph: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  const done = new Set<string>();
  const visit = (part: string, trail: readonly string[]): string[] => {
    const seen = trail.indexOf(part);
    if (seen !== -1)
      return trail.slice(seen).map((from, place, circle) => {
        const to = circle[place + 1] ?? part;
        return graph.get(from)?.get(to) ?? '';
      });
    if (done.has(part)) return [];
    for (const next of graph.get(part)?.keys() ?? []) {
      const circle = visit(next, [...trail, part]);
      if (circle.length > 0) return circle;
    }
    done.add(part);
    return [];
  };
  for (const part of graph.keys()) {
    const circle = visit(part, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

const top = (file: string) => file.split('/')[0];
const folder = (file: string) => (file.startsWith('shared/') ? path.posix.dirname(file) : undefined);

describe('arrows run down', () => {
  test('between the folders of the project', () => {
    expect(circleIn(arrows(top))).toEqual([]);
  });

  test('between the folders of shared, to the last', () => {
    expect(circleIn(arrows(folder))).toEqual([]);
  });

  test('between files', () => {
    expect(circleIn(arrows((file) => file))).toEqual([]);
  });
});

test('a folder is taken in at a glance: no more than fifteen files in one of shared', () => {
  const counts = new Map<string, number>();
  for (const file of sources.filter((each) => each.startsWith('shared/')))
    counts.set(path.posix.dirname(file), (counts.get(path.posix.dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 15)).toEqual([]);
});

test('what runs in the cloud uses nothing that the oldest Node there has not', () => {
  // The compiler's library is that of the newest; Node 18 has none of these, and no bundler puts them in.
  const newer =
    /\.(?:toSorted|toReversed|toSpliced|isWellFormed|toWellFormed)\(|\b(?:Object|Map)\.groupBy\b|\bArray\.fromAsync\b|\bPromise\.(?:withResolvers|try)\b|\bAbortSignal\.any\b|\bURL\.(?:canParse|parse)\b/;
  const cloud = sources.filter((file) => /^(?:shared|cloudfunctions|server|miniprogram)\//.test(file));
  expect(cloud.length).toBeGreaterThan(150);
  expect(cloud.filter((file) => newer.test(readFileSync(file, 'utf8')))).toEqual([]);
});
