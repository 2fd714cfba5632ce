import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readPushJson } from '../../shared/runtime/http/push-json';
import { readPushXml } from '../../shared/runtime/http/push-xml';
import { type ParsedPush, parsePush } from '../../shared/wechat/pushes/parse-push';
import { isKnownPush, pushName } from '../../shared/wechat/pushes/push-meaning';
import { eventPushNames, messagePushNames } from '../../shared/wechat/pushes/pushes';

/**
 * A golden case is three files: `.xml`, as a server gets it; `.json`, as a cloud function gets it; and
 * `.canonical.json`, the one form. `event-subscribe.scene` is the case `scene` of the event `subscribe`.
 */
const folder = path.join(__dirname, '../golden/pushes');
const files = readdirSync(folder);
const cases = files.filter((file) => file.endsWith('.xml')).map((file) => file.replace(/\.xml$/, ''));
const rows = [
  ...messagePushNames.map((name) => `message-${name}`),
  ...eventPushNames.map((name) => `event-${name}`),
];

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

function pushIn(parsed: ParsedPush): Record<string, unknown> {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return { ...parsed.push };
}

function parseBody(body: ReturnType<typeof readPushXml>): Record<string, unknown> {
  if (!body.ok) throw new Error(JSON.stringify(body.faults));
  return pushIn(parsePush(body.input));
}

test.each(rows)('%s has a golden case', (row) => {
  expect(cases).toContain(row);
});

test('no golden file is of no row, and no case lacks a form', () => {
  expect(cases.filter((name) => !rows.includes(name.split('.')[0] ?? ''))).toEqual([]);
  expect([...files].sort()).toEqual(
    cases.flatMap((name) => [`${name}.canonical.json`, `${name}.json`, `${name}.xml`]).sort(),
  );
});

describe.each(cases)('%s', (name) => {
  const canonical = JSON.parse(read(`${name}.canonical.json`)) as Record<string, unknown>;

  test('comes to its one form from XML, with its keys in the order of the table', () => {
    const push = parseBody(readPushXml(readFileSync(path.join(folder, `${name}.xml`))));
    expect(push).toEqual(canonical);
    expect(Object.keys(push)).toEqual(Object.keys(canonical));
  });

  test("comes to it from a cloud function's event, but for the names that WeChat has there", () => {
    const event = JSON.parse(read(`${name}.json`)) as Record<string, unknown>;
    const { ToUserName, MsgId } = event;
    const asTheCloudHasIt = { ...canonical, ToUserName, ...(MsgId === undefined ? {} : { MsgId }) };
    expect(pushIn(parsePush(event))).toEqual(asTheCloudHasIt);
    const added = { userInfo: { appId: 'wx00000000000000aa', openId: 'o' }, tcbContext: {} };
    expect(pushIn(parsePush({ ...event, ...added }))).toEqual(asTheCloudHasIt);
  });

  test("comes to it from a server's JSON, with ids as numbers of 64 bits", () => {
    const json = JSON.stringify(canonical).replace(/"(Ms[gG]I[dD])":"(\d+)"/g, '"$1":$2');
    expect(parseBody(readPushJson(json))).toEqual(canonical);
  });

  test('is known by its name', () => {
    const parsed = parsePush(canonical);
    if (!parsed.ok) throw new Error('refused');
    expect(isKnownPush(parsed.push)).toBe(true);
    expect(name.split('.')[0]).toBe(
      `${parsed.push.MsgType === 'event' ? 'event' : 'message'}-${pushName(parsed.push)}`,
    );
  });
});
