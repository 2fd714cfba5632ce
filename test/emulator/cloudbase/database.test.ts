import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EJSON } from 'bson';
import fc from 'fast-check';
import { createDatabase, type Database } from '../../../emulator/cloudbase/database/database';
import { depth } from '../../depth';

/** What the tests use of wx-server-sdk; its own typings do not pass under strict. */
type Operator =
  | 'eq'
  | 'neq'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'nin'
  | 'and'
  | 'or'
  | 'not'
  | 'nor'
  | 'exists'
  | 'mod'
  | 'all'
  | 'elemMatch'
  | 'size';
type Update =
  | 'set'
  | 'remove'
  | 'inc'
  | 'mul'
  | 'max'
  | 'min'
  | 'rename'
  | 'push'
  | 'unshift'
  | 'pop'
  | 'shift'
  | 'pull'
  | 'pullAll'
  | 'addToSet';
type Command = Record<Operator | Update | 'geoNear', (...operands: unknown[]) => Command> & {
  aggregate: Record<'sum' | 'avg' | 'push' | 'first' | 'eq' | 'pipeline', (value?: unknown) => unknown>;
  project: Record<'slice' | 'elemMatch', (value: unknown) => unknown>;
};
type Fields = Record<string, unknown>;
interface Stats {
  readonly stats: { readonly updated?: number; readonly created?: number; readonly removed?: number };
}
interface Query {
  where(condition: unknown): Query;
  orderBy(field: string, direction: 'asc' | 'desc'): Query;
  skip(count: number): Query;
  limit(count: number): Query;
  field(projection: Fields): Query;
  get(): Promise<{ data: Fields[] }>;
  count(): Promise<{ total: number }>;
  update(options: { data: Fields; multi?: boolean }): Promise<Stats>;
  remove(options?: { multi?: boolean }): Promise<Stats>;
}
interface Doc {
  field(projection: Fields): Doc;
  get(): Promise<{ data: Fields | null }>;
  set(options: { data: Fields }): Promise<Stats>;
  update(options: { data: Fields }): Promise<Stats>;
  remove(): Promise<Stats>;
}
interface Aggregate
  extends Record<
    'match' | 'group' | 'project' | 'sort' | 'unwind' | 'lookup' | 'addFields',
    (value: unknown) => Aggregate
  > {
  limit(count: number): Aggregate;
  skip(count: number): Aggregate;
  count(name: string): Aggregate;
  sample(options: unknown): Aggregate;
  end(): Promise<{ list: Fields[] }>;
}
interface CollectionRef extends Query {
  doc(id: string | number): Doc;
  add(options: { data: Fields | Fields[] }): Promise<{ _id?: string | number; _ids?: string[] }>;
  aggregate(): Aggregate;
}
interface Transaction {
  collection(name: string): CollectionRef;
  commit(): Promise<unknown>;
  rollback(reason?: unknown): Promise<unknown>;
}
interface CloudDatabase {
  readonly command: Command;
  readonly Geo: { Point: new (longitude: number, latitude: number) => unknown };
  collection(name: string): CollectionRef;
  createCollection(name: string): Promise<unknown>;
  serverDate(options?: { offset: number }): unknown;
  RegExp(options: { regexp: string; options?: string }): unknown;
  startTransaction(): Promise<Transaction>;
  runTransaction<T>(work: (transaction: Transaction) => Promise<T>, times?: number): Promise<T>;
}
interface Cloud {
  init(options: { env: string }): void;
  database(options?: { throwOnNotFound?: boolean }): CloudDatabase;
}

const startedAt = Date.UTC(2026, 0, 1);
let nowMs = startedAt;
let database: Database;
let server: Server;
let db: CloudDatabase;
let _: Command;

function newDatabase(): Database {
  let ids = 0;
  const nextId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  return createDatabase({ now: () => nowMs, nextId });
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { action, ...body } = JSON.parse(text);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(database.handle(action, body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    TENCENTCLOUD_SECRETID: 'id',
    TENCENTCLOUD_SECRETKEY: 'key',
    TENCENTCLOUD_SESSIONTOKEN: 'token',
    SCF_NAMESPACE: 'local',
    TCB_ENV: 'local',
    TCB_CONTEXT_KEYS: 'TCB_ENV',
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: `http://127.0.0.1:${port}/admin` }),
    SILENCE: 'true',
  });
  // The SDK reads the environment as it loads, so it must not load before this line.
  const cloud = (await import('wx-server-sdk')).default as unknown as Cloud;
  cloud.init({ env: 'local' });
  db = cloud.database({ throwOnNotFound: false });
  _ = db.command;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  nowMs = startedAt;
  database = newDatabase();
});

/** Fills a collection without going through the SDK. */
function seed(name: string, documents: readonly Fields[] = []): void {
  const data = documents.map((document) => EJSON.stringify(document, { relaxed: false }));
  database.handle('database.addCollection', { collectionName: name });
  expect(database.handle('database.insertDocument', { collectionName: name, data })).toHaveProperty('data');
}

const idsOf = (documents: readonly Fields[]) => documents.map((document) => document['_id']);

describe('a document', () => {
  const everything = {
    _id: 'all',
    int: 7,
    long: 5_000_000_000,
    double: 1.5,
    text: '你好 👨‍👩‍👧',
    yes: true,
    nothing: null,
    at: new Date(startedAt),
    list: [1, 'two', { three: 3 }, [4]],
    nested: { deep: { deeper: 'x' } },
  };

  test('comes back from the SDK as it went in', async () => {
    seed('things');
    await expect(db.collection('things').add({ data: everything })).resolves.toMatchObject({ _id: 'all' });
    await expect(db.collection('things').doc('all').get()).resolves.toMatchObject({ data: everything });
    expect(database.dump()).toEqual({ things: [everything] });
  });

  test('gets an id when it has none, and keeps a number for one', async () => {
    seed('things');
    await expect(db.collection('things').add({ data: { a: 1 } })).resolves.toMatchObject({ _id: 'id-1' });
    await expect(db.collection('things').add({ data: [{ a: 2 }, { a: 3 }] })).resolves.toMatchObject({
      _ids: ['id-2', 'id-3'],
    });
    await expect(db.collection('things').add({ data: { _id: 7, a: 4 } })).resolves.toMatchObject({ _id: 7 });
    await expect(db.collection('things').doc(7).get()).resolves.toMatchObject({ data: { _id: 7, a: 4 } });
    await expect(db.collection('things').doc('7').get()).resolves.toMatchObject({ data: null });
  });

  test('is replaced as a whole by set, or made', async () => {
    seed('things', [{ _id: 'a', old: true }]);
    const things = db.collection('things');
    await expect(things.doc('a').set({ data: { n: 1 } })).resolves.toMatchObject({
      stats: { updated: 1, created: 0 },
    });
    await expect(things.doc('b').set({ data: { n: 2 } })).resolves.toMatchObject({
      stats: { updated: 0, created: 1 },
    });
    expect(database.dump()['things']).toEqual([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ]);
  });

  test('that is missing is not made by an update, nor missed by a removal', async () => {
    seed('things');
    await expect(
      db
        .collection('things')
        .doc('no')
        .update({ data: { n: 1 } }),
    ).resolves.toMatchObject({
      stats: { updated: 0 },
    });
    await expect(db.collection('things').doc('no').remove()).resolves.toMatchObject({
      stats: { removed: 0 },
    });
  });

  test('that an update leaves as it was is not counted', async () => {
    seed('things', [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ]);
    await expect(
      db
        .collection('things')
        .where({})
        .update({ data: { n: 1 } }),
    ).resolves.toMatchObject({
      stats: { updated: 1 },
    });
  });

  test('takes the time of the server, also shifted, also nested, also in a query', async () => {
    seed('things');
    const things = db.collection('things');
    await things.add({
      data: { _id: 'a', at: db.serverDate(), in: { a: [db.serverDate({ offset: -1000 })] } },
    });
    await things.doc('a').update({ data: { later: db.serverDate({ offset: 60_000 }) } });
    expect(database.dump()['things']).toEqual([
      {
        _id: 'a',
        at: new Date(startedAt),
        in: { a: [new Date(startedAt - 1000)] },
        later: new Date(startedAt + 60_000),
      },
    ]);
    await expect(things.where({ later: _.gt(db.serverDate()) }).count()).resolves.toMatchObject({ total: 1 });
    await expect(things.where({ at: _.gt(db.serverDate()) }).count()).resolves.toMatchObject({ total: 0 });
  });
});

describe('a query', () => {
  const people = [
    {
      _id: 'ann',
      age: 20,
      tags: ['a', 'b'],
      home: { city: 'Shanghai', floor: 3 },
      at: new Date(1000),
      note: null,
    },
    {
      _id: 'bob',
      age: 30,
      tags: ['b'],
      home: { city: 'Beijing' },
      marks: [
        { s: 5, g: 'x' },
        { s: 9, g: 'y' },
      ],
    },
    { _id: 'cat', age: 40, tags: [], name: 'Cat', at: new Date(3000) },
    { _id: 'dan', age: 25.5, tags: ['a', 'c', 'd'], name: 'dan', note: 'hi' },
  ];

  /** Which people each operator finds; the compiler asks for one row an operator. */
  const examples: Record<Operator, () => [condition: unknown, found: string[]][]> = {
    eq: () => [
      [{ age: _.eq(30) }, ['bob']],
      [{ age: 30 }, ['bob']],
      [{ 'home.city': 'Beijing' }, ['bob']],
      [{ home: { city: 'Beijing' } }, ['bob']],
      [{ tags: 'a' }, ['ann', 'dan']],
      [{ tags: ['b'] }, ['bob']],
      [{ at: new Date(1000) }, ['ann']],
      [{ note: null }, ['ann', 'bob', 'cat']],
      [{ _id: 'cat' }, ['cat']],
      [{ _id: 'cat', age: 20 }, []],
    ],
    neq: () => [
      [{ age: _.neq(30) }, ['ann', 'cat', 'dan']],
      [{ note: _.neq(null) }, ['dan']],
    ],
    gt: () => [
      [{ age: _.gt(25.5) }, ['bob', 'cat']],
      [{ at: _.gt(new Date(1000)) }, ['cat']],
    ],
    gte: () => [[{ age: _.gte(25.5) }, ['bob', 'cat', 'dan']]],
    lt: () => [
      [{ age: _.lt(25) }, ['ann']],
      [{ name: _.lt(5) }, []],
    ],
    lte: () => [[{ 'home.floor': _.lte(3) }, ['ann']]],
    in: () => [
      [{ age: _.in([20, 40]) }, ['ann', 'cat']],
      [{ _id: _.in(['dan', 'ann', 'nobody', 'ann']) }, ['ann', 'dan']],
      [{ tags: _.in(['c', 'b']) }, ['ann', 'bob', 'dan']],
      [{ name: _.in([/^c/i]) }, ['cat']],
    ],
    nin: () => [[{ age: _.nin([20, 40]) }, ['bob', 'dan']]],
    and: () => [
      [{ age: _.gt(20).and(_.lt(40)) }, ['bob', 'dan']],
      [{ age: _.and(_.gt(20), _.lt(30)) }, ['dan']],
      [_.and({ age: _.gt(20) }, { tags: 'b' }), ['bob']],
      [{ _id: _.gt('a').and(_.in(['bob', 'cat'])) }, ['bob', 'cat']],
    ],
    or: () => [
      [{ age: _.eq(20).or(_.eq(30)) }, ['ann', 'bob']],
      [_.or([{ age: 20 }, { name: 'Cat' }]), ['ann', 'cat']],
    ],
    not: () => [
      [{ age: _.not(_.gt(25)) }, ['ann']],
      [{ name: _.not(/cat/i) }, ['ann', 'bob', 'dan']],
    ],
    nor: () => [
      [{ age: _.nor([_.eq(20), _.gt(29)]) }, ['dan']],
      [_.nor([{ age: 20 }, { name: 'Cat' }]), ['bob', 'dan']],
    ],
    exists: () => [
      [{ note: _.exists(true) }, ['ann', 'dan']],
      [{ 'home.floor': _.exists(false) }, ['bob', 'cat', 'dan']],
    ],
    mod: () => [
      [{ age: _.mod(20, 0) }, ['ann', 'cat']],
      [{ age: _.mod([10, 0]) }, ['ann', 'bob', 'cat']],
    ],
    all: () => [[{ tags: _.all(['a', 'b']) }, ['ann']]],
    elemMatch: () => [
      [{ marks: _.elemMatch({ s: _.gt(6), g: 'y' }) }, ['bob']],
      [{ marks: _.elemMatch({ s: _.gt(6), g: 'x' }) }, []],
      [{ tags: _.elemMatch(_.gt('c')) }, ['dan']],
    ],
    size: () => [
      [{ tags: _.size(0) }, ['cat']],
      [{ tags: _.size(3) }, ['dan']],
    ],
  };

  test.each(Object.keys(examples) as Operator[])('finds with %s what MongoDB finds', async (operator) => {
    seed('people', people);
    for (const [condition, found] of examples[operator]()) {
      const { data } = await db.collection('people').where(condition).get();
      expect(idsOf(data)).toEqual(found);
      await expect(db.collection('people').where(condition).count()).resolves.toMatchObject({
        total: found.length,
      });
    }
  });

  test('finds with a regular expression, of the language or of the database', async () => {
    seed('people', people);
    const found = async (name: unknown) => idsOf((await db.collection('people').where({ name }).get()).data);
    await expect(found(/^ca/i)).resolves.toEqual(['cat']);
    await expect(found(db.RegExp({ regexp: '^DAN$', options: 'i' }))).resolves.toEqual(['dan']);
    await expect(found(/^x/)).resolves.toEqual([]);
  });

  test('finds by the time, whether it asks with a date or gets one', async () => {
    seed('people', people);
    const { data } = await db
      .collection('people')
      .where({ at: _.gte(new Date(2000)) })
      .get();
    expect(data).toEqual([people[2]]);
  });

  test('comes in the order asked for, several fields after one another, a missing one first', async () => {
    seed('people', [
      { _id: 'a', n: 2, s: 'x' },
      { _id: 'b', n: 1, s: 'y' },
      { _id: 'c', n: 2, s: 'a' },
      { _id: 'd', s: 'z' },
    ]);
    const ordered = async (query: Query) => idsOf((await query.get()).data);
    const all = db.collection('people');
    await expect(ordered(all.orderBy('n', 'asc'))).resolves.toEqual(['d', 'b', 'a', 'c']);
    await expect(ordered(all.orderBy('n', 'desc').orderBy('s', 'asc'))).resolves.toEqual([
      'c',
      'a',
      'b',
      'd',
    ]);
    await expect(ordered(all.orderBy('n', 'desc').orderBy('s', 'asc').skip(1).limit(2))).resolves.toEqual([
      'a',
      'b',
    ]);
    await expect(ordered(all.where({ n: 2 }).orderBy('s', 'asc'))).resolves.toEqual(['c', 'a']);
  });

  test('gives 100 documents unless told otherwise, and never more than 1000', async () => {
    seed(
      'many',
      Array.from({ length: 1100 }, (_unused, i) => ({ _id: `d${i}`, i })),
    );
    const length = async (query: Query) => (await query.get()).data.length;
    const many = db.collection('many');
    await expect(length(many)).resolves.toBe(100);
    await expect(length(many.limit(0))).resolves.toBe(100);
    await expect(length(many.limit(3))).resolves.toBe(3);
    await expect(length(many.limit(5000))).resolves.toBe(1000);
    await expect(length(many.skip(1095))).resolves.toBe(5);
    await expect(many.count()).resolves.toMatchObject({ total: 1100 });
    await expect(many.limit(-1).get()).rejects.toMatchObject({ errCode: -501007 });
  });

  test('gives only the fields asked for', async () => {
    seed('people', people);
    const fields = async (projection: Fields) =>
      (await db.collection('people').where({ _id: 'bob' }).field(projection).get()).data[0];
    await expect(fields({ age: true })).resolves.toEqual({ _id: 'bob', age: 30 });
    await expect(fields({ _id: false, 'home.city': true })).resolves.toEqual({ home: { city: 'Beijing' } });
    await expect(fields({ marks: false, 'home.city': false })).resolves.toEqual({
      _id: 'bob',
      age: 30,
      tags: ['b'],
      home: {},
    });
    await expect(fields({ marks: _.project.slice(1) })).resolves.toEqual({
      ...people[1],
      marks: [{ s: 5, g: 'x' }],
    });
    await expect(fields({ marks: _.project.elemMatch({ s: 9 }) })).resolves.toEqual({
      _id: 'bob',
      marks: [{ s: 9, g: 'y' }],
    });
    await expect(db.collection('people').doc('bob').field({ age: true }).get()).resolves.toMatchObject({
      data: { _id: 'bob', age: 30 },
    });
    expect(database.dump()['people']).toEqual(people);
  });

  test('of an operator nobody knows, or that stands for a place on the map, is refused', async () => {
    seed('people', people);
    const unknown = db.collection('people').where({ age: { $near: 3 } });
    await expect(unknown.get()).rejects.toMatchObject({
      errCode: -502002,
      errMsg: expect.stringMatching(/\$near/),
    });
    const near = { home: _.geoNear({ geometry: new db.Geo.Point(121, 31), maxDistance: 1 }) };
    await expect(db.collection('people').where(near).get()).rejects.toMatchObject({ errCode: -502002 });
  });
});

describe('an update', () => {
  /** A document before, the change, and the document after; the compiler asks for one row a command. */
  const examples: Record<Update, () => [before: Fields, change: Fields, after: Fields][]> = {
    set: () => [
      [{ a: { b: 1, c: 2 } }, { a: _.set({ d: 1 }) }, { a: { d: 1 } }],
      [{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
      [{}, { 'a.b.c': 1, d: new Date(5) }, { a: { b: { c: 1 } }, d: new Date(5) }],
      [{ l: [{ n: 1 }, { n: 2 }] }, { 'l.1.n': 5 }, { l: [{ n: 1 }, { n: 5 }] }],
      [{ a: 1 }, { a: null }, { a: null }],
      [{ a: [1, 2] }, { a: ['x'] }, { a: ['x'] }],
    ],
    remove: () => [[{ a: 1, b: { c: 2, d: 3 } }, { a: _.remove(), 'b.c': _.remove() }, { b: { d: 3 } }]],
    inc: () => [
      [{ n: 1 }, { n: _.inc(2), m: _.inc(-1) }, { n: 3, m: -1 }],
      [{ a: { n: 1 } }, { a: { n: _.inc(0.5) } }, { a: { n: 1.5 } }],
    ],
    mul: () => [[{ n: 3 }, { n: _.mul(4), m: _.mul(4) }, { n: 12, m: 0 }]],
    max: () => [
      [
        { n: 3, d: new Date(1) },
        { n: _.max(2), d: _.max(new Date(9)), m: _.max(1) },
        { n: 3, d: new Date(9), m: 1 },
      ],
    ],
    min: () => [[{ n: 3 }, { n: _.min(2), m: _.min(1) }, { n: 2, m: 1 }]],
    rename: () => [
      [
        { a: 1, b: { c: 2 } },
        { a: _.rename('z'), 'b.c': _.rename('b.d') },
        { z: 1, b: { d: 2 } },
      ],
    ],
    push: () => [
      [{ l: [1] }, { l: _.push(2), m: _.push(['x', 'y']) }, { l: [1, 2], m: ['x', 'y'] }],
      [{ l: [1, 9] }, { l: _.push({ each: [5, 6], position: 1 }) }, { l: [1, 5, 6, 9] }],
      [{ l: [4] }, { l: _.push({ each: [9, 1], sort: 1, slice: 2 }) }, { l: [1, 4] }],
      [{}, { l: _.push({ each: [3, 1, 2], sort: -1, slice: -2 }) }, { l: [2, 1] }],
      [{ l: [{ n: 2 }] }, { l: _.push({ each: [{ n: 1 }], sort: { n: 1 } }) }, { l: [{ n: 1 }, { n: 2 }] }],
      [{ a: { l: [1] } }, { a: { l: _.push({ each: [2, 3], slice: 0 }) } }, { a: { l: [] } }],
    ],
    unshift: () => [[{ l: [3] }, { l: _.unshift([1, 2]), m: _.unshift(1) }, { l: [1, 2, 3], m: [1] }]],
    pop: () => [
      [
        { l: [1, 2, 3], m: [] },
        { l: _.pop(), m: _.pop() },
        { l: [1, 2], m: [] },
      ],
    ],
    shift: () => [[{ l: [1, 2, 3] }, { l: _.shift() }, { l: [2, 3] }]],
    pull: () => [
      [{ l: [1, 2, 1] }, { l: _.pull(1) }, { l: [2] }],
      [{ l: [1, 2, 3] }, { l: _.pull(_.gt(1)) }, { l: [1] }],
      [{ l: [{ a: 1, b: 2 }, { a: 2 }] }, { l: _.pull({ a: _.in([1, 5]) }) }, { l: [{ a: 2 }] }],
    ],
    pullAll: () => [[{ l: [1, 2, 3, 2] }, { l: _.pullAll([2, 3]) }, { l: [1] }]],
    addToSet: () => [
      [{ l: [1, 2] }, { l: _.addToSet(2) }, { l: [1, 2] }],
      [
        { l: [1, 2] },
        { l: _.addToSet({ $each: [2, 3] }), m: _.addToSet({ a: 1 }) },
        { l: [1, 2, 3], m: [{ a: 1 }] },
      ],
    ],
  };

  test.each(Object.keys(examples) as Update[])('with %s leaves what MongoDB leaves', async (command) => {
    seed('docs');
    for (const [before, data, after] of examples[command]()) {
      await db
        .collection('docs')
        .doc('x')
        .set({ data: { ...before, untouched: true } });
      await db.collection('docs').doc('x').update({ data });
      expect(database.dump()['docs']).toEqual([{ _id: 'x', ...after, untouched: true }]);
    }
  });

  test('of a query changes every match, or with multi false the first', async () => {
    seed('docs', [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
      { _id: 'c', n: 2 },
    ]);
    const ones = db.collection('docs').where({ n: 1 });
    await expect(ones.update({ data: { hit: _.inc(1) } })).resolves.toMatchObject({ stats: { updated: 2 } });
    await expect(ones.update({ data: { n: 5 }, multi: false })).resolves.toMatchObject({
      stats: { updated: 1 },
    });
    expect(database.dump()['docs']).toEqual([
      { _id: 'a', n: 5, hit: 1 },
      { _id: 'b', n: 1, hit: 1 },
      { _id: 'c', n: 2 },
    ]);
    await expect(ones.remove({ multi: false })).resolves.toMatchObject({ stats: { removed: 1 } });
    await expect(
      db
        .collection('docs')
        .where({ n: _.gt(0) })
        .remove(),
    ).resolves.toMatchObject({ stats: { removed: 2 } });
  });

  test('changes the element of a list that the query found', async () => {
    seed('docs', [
      {
        _id: 'a',
        l: [
          { k: 1, v: 1 },
          { k: 2, v: 1 },
        ],
      },
    ]);
    await db
      .collection('docs')
      .where({ 'l.k': 2 })
      .update({ data: { 'l.$.v': 9 } });
    expect(database.dump()['docs']).toEqual([
      {
        _id: 'a',
        l: [
          { k: 1, v: 1 },
          { k: 2, v: 9 },
        ],
      },
    ]);
  });

  test('can push to a list whose absence it asked for', async () => {
    seed('docs', [{ _id: 'a' }]);
    await db
      .collection('docs')
      .where({ l: _.exists(false) })
      .update({ data: { l: _.push(1) } });
    expect(database.dump()['docs']).toEqual([{ _id: 'a', l: [1] }]);
  });

  test.each<[string, Fields, () => Fields, RegExp]>([
    [
      'put a field into null',
      { a: null },
      () => ({ a: { b: 1 } }),
      /Cannot create field 'b' in element \{a: null\}/,
    ],
    ['put a field into a number', { a: 1 }, () => ({ 'a.b': 1 }), /Cannot create field 'b'/],
    ['put a field into a list', { a: [1] }, () => ({ 'a.b': 1 }), /Cannot create field 'b'/],
    ['count up a text', { a: 'x' }, () => ({ a: _.inc(1) }), /Cannot apply \$inc to 'a'/],
    ['count up by a text', { a: 1 }, () => ({ a: _.inc('1') }), /non-numeric/],
    ['multiply a null', { a: null }, () => ({ a: _.mul(2) }), /Cannot apply \$mul to 'a'/],
    ['push to a text', { a: 'x' }, () => ({ a: _.push(1) }), /Cannot apply \$push to 'a'/],
    ['pull from a text', { a: 'x' }, () => ({ a: _.pull(1) }), /Cannot apply \$pull to 'a'/],
    ['change one field twice', { a: { b: 1 } }, () => ({ a: _.set({ b: 2 }), 'a.b': _.inc(1) }), /conflict/],
    ['change nothing', { a: 1 }, () => ({ a: {} }), /at least one element/],
  ])('cannot %s', async (_name, before, data, reason) => {
    seed('docs', [{ _id: 'x', ...before }]);
    await expect(db.collection('docs').doc('x').update({ data: data() })).rejects.toMatchObject({
      errCode: -502001,
      errMsg: expect.stringMatching(reason),
    });
    expect(database.dump()['docs']).toEqual([{ _id: 'x', ...before }]);
  });

  test('cannot use an operator nobody knows', async () => {
    seed('docs', [{ _id: 'x' }]);
    await expect(
      db
        .collection('docs')
        .doc('x')
        .update({ data: { $foo: { a: 1 } } }),
    ).rejects.toMatchObject({
      errCode: -502002,
      errMsg: expect.stringMatching(/\$foo/),
    });
  });
});

describe('an aggregate', () => {
  test('runs its stages one after another', async () => {
    seed('orders', [
      { _id: 1, who: 'ann', price: 5, items: ['a', 'b'] },
      { _id: 2, who: 'bob', price: 7, items: ['a'] },
      { _id: 3, who: 'ann', price: 1, items: [] },
    ]);
    seed('people', [{ _id: 'ann', city: 'Shanghai' }]);
    const orders = () => db.collection('orders').aggregate();
    const sum = _.aggregate.sum('$price');
    await expect(
      orders()
        .match({ price: _.gt(0) })
        .group({ _id: '$who', sum })
        .sort({ sum: -1, _id: 1 })
        .end(),
    ).resolves.toMatchObject({
      list: [
        { _id: 'bob', sum: 7 },
        { _id: 'ann', sum: 6 },
      ],
    });
    await expect(orders().unwind('$items').count('n').end()).resolves.toMatchObject({ list: [{ n: 3 }] });
    await expect(
      orders().sort({ price: 1 }).skip(1).limit(1).project({ price: 1 }).end(),
    ).resolves.toMatchObject({
      list: [{ _id: 1, price: 5 }],
    });
    await expect(
      orders()
        .match({ _id: 1 })
        .lookup({ from: 'people', localField: 'who', foreignField: '_id', as: 'person' })
        .end(),
    ).resolves.toMatchObject({ list: [{ _id: 1, person: [{ _id: 'ann', city: 'Shanghai' }] }] });
  });

  test('leaves the documents as they are', async () => {
    const orders = [{ _id: 1, a: { b: 1, c: 2 } }];
    seed('orders', orders);
    const { list } = await db
      .collection('orders')
      .aggregate()
      .project({ 'a.b': 0 })
      .addFields({ 'a.d': 3 })
      .end();
    expect(list).toEqual([{ _id: 1, a: { c: 2, d: 3 } }]);
    expect(database.dump()['orders']).toEqual(orders);
  });

  test('may not write, and may not ask for a stage nobody knows', () => {
    seed('orders', [{ _id: 1 }]);
    for (const stageKey of ['$out', '$geoNear']) {
      const stages = [{ stageKey, stageValue: '{}' }];
      expect(
        database.handle('database.aggregateDocuments', { collectionName: 'orders', stages }),
      ).toMatchObject({
        code: 'DATABASE_INVALID_OPERRATOR',
        message: expect.stringContaining(stageKey),
      });
    }
  });
});

describe('a collection', () => {
  test('that does not exist refuses everything', async () => {
    const gone = { errCode: -502005, errMsg: expect.stringMatching(/Db or Table not exist: nothing/) };
    const nothing = db.collection('nothing');
    await expect(nothing.get()).rejects.toMatchObject(gone);
    await expect(nothing.count()).rejects.toMatchObject(gone);
    await expect(nothing.add({ data: { a: 1 } })).rejects.toMatchObject(gone);
    await expect(nothing.doc('a').set({ data: { a: 1 } })).rejects.toMatchObject(gone);
    await expect(nothing.where({ a: 1 }).remove()).rejects.toMatchObject(gone);
    await expect(nothing.aggregate().limit(1).end()).rejects.toMatchObject({
      code: 'DATABASE_COLLECTION_NOT_EXIST',
    });
  });

  test('is made once', async () => {
    await db.createCollection('new');
    await expect(db.createCollection('new')).rejects.toMatchObject({
      code: 'DATABASE_COLLECTION_ALREADY_EXIST',
      errMsg: expect.stringMatching(/ResourceExist/),
    });
  });

  test('holds an id once', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    await expect(db.collection('docs').add({ data: { _id: 'a', n: 2 } })).rejects.toMatchObject({
      errCode: -502001,
      errMsg: expect.stringMatching(/E11000 duplicate key error collection: local\.docs index: _id_ dup key/),
    });
    expect(database.dump()['docs']).toEqual([{ _id: 'a', n: 1 }]);
  });

  test('takes all documents of one request, or none', async () => {
    seed('docs', [{ _id: 'a' }]);
    await expect(db.collection('docs').add({ data: [{ _id: 'b' }, { _id: 'a' }] })).rejects.toThrow(/E11000/);
    await expect(db.collection('docs').add({ data: [{ _id: 'c' }, { _id: 'c' }] })).rejects.toThrow(/E11000/);
    expect(database.dump()['docs']).toEqual([{ _id: 'a' }]);
  });
});

describe('a transaction', () => {
  const value = () => database.dump()['docs']?.[0]?.['n'];

  test('shows what it wrote to itself alone until it commits', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const transaction = await db.startTransaction();
    const inside = transaction.collection('docs');
    await inside.doc('a').update({ data: { n: _.inc(1) } });
    await inside.add({ data: { _id: 'b', n: 2 } });
    await expect(inside.doc('a').get()).resolves.toMatchObject({ data: { n: 2 } });
    await expect(inside.where({ n: 2 }).get()).resolves.toMatchObject({ data: [{ _id: 'a' }, { _id: 'b' }] });
    await expect(db.collection('docs').get()).resolves.toMatchObject({ data: [{ _id: 'a', n: 1 }] });
    await inside.doc('b').remove();
    await expect(inside.doc('b').get()).resolves.toMatchObject({ data: null });
    await transaction.commit();
    expect(database.dump()['docs']).toEqual([{ _id: 'a', n: 2 }]);
  });

  test('returns what its callback returns', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    await expect(
      db.runTransaction(async (transaction) => {
        await transaction
          .collection('docs')
          .doc('new')
          .set({ data: { n: 5 } });
        return 'done';
      }),
    ).resolves.toBe('done');
    expect(database.dump()['docs']).toHaveLength(2);
  });

  test('that is rolled back leaves nothing, and rejects with its reason', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const rolledBack = db.runTransaction(async (transaction) => {
      await transaction
        .collection('docs')
        .doc('a')
        .update({ data: { n: 9 } });
      await transaction.rollback('changed my mind');
    });
    await expect(rolledBack).rejects.toBe('changed my mind');
    expect(value()).toBe(1);
  });

  test('whose callback throws leaves nothing', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const failed = db.runTransaction(async (transaction) => {
      await transaction
        .collection('docs')
        .doc('a')
        .update({ data: { n: 9 } });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(value()).toBe(1);
  });

  test('reads what was there when it started, and what it wrote since', async () => {
    database.createIndex('docs', 'key');
    const docs = db.collection('docs');
    await docs.add({
      data: [
        { _id: 'a', key: 1 },
        { _id: 'b', key: 2 },
      ],
    });
    const transaction = await db.startTransaction();
    const inside = transaction.collection('docs');
    await docs.doc('a').update({ data: { key: 9 } });
    await docs.doc('b').remove();
    await docs.add({ data: { _id: 'c', key: 3 } });
    await expect(inside.doc('a').get()).resolves.toMatchObject({ data: { key: 1 } });
    await expect(inside.doc('b').get()).resolves.toMatchObject({ data: { key: 2 } });
    await expect(inside.doc('c').get()).resolves.toMatchObject({ data: null });
    await expect(inside.where({ key: 1 }).get()).resolves.toMatchObject({ data: [{ _id: 'a' }] });
    await expect(inside.where({ key: 9 }).get()).resolves.toMatchObject({ data: [] });
    await inside.add({ data: { _id: 'd', key: 4 } });
    await expect(inside.where({ key: 4 }).get()).resolves.toMatchObject({ data: [{ _id: 'd' }] });
    await inside.doc('d').remove();
    await expect(inside.where({ key: 4 }).get()).resolves.toMatchObject({ data: [] });
    await expect(inside.orderBy('key', 'asc').get()).resolves.toMatchObject({
      data: [{ _id: 'a' }, { _id: 'b' }],
    });
    await transaction.commit();
  });

  test('that wrote what another changed meanwhile conflicts, and the SDK runs it again', async () => {
    seed('docs', [{ _id: 'a', n: 0 }]);
    let runs = 0;
    const result = await db.runTransaction(async (transaction) => {
      runs += 1;
      const { data } = await transaction.collection('docs').doc('a').get();
      if (runs <= 2)
        await db
          .collection('docs')
          .doc('a')
          .update({ data: { n: _.inc(100) } });
      await transaction
        .collection('docs')
        .doc('a')
        .update({ data: { n: Number(data?.['n']) + 1 } });
      return runs;
    });
    expect(result).toBe(3);
    expect(value()).toBe(201);
  });

  test('that conflicts again and again is given up after four runs', async () => {
    seed('docs', [{ _id: 'a', n: 0 }]);
    let runs = 0;
    const contested = db.runTransaction(async (transaction) => {
      runs += 1;
      await transaction
        .collection('docs')
        .doc('a')
        .update({ data: { n: -1 } });
      await db
        .collection('docs')
        .doc('a')
        .update({ data: { n: runs } });
    });
    await expect(contested).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_CONFLICT' });
    expect([runs, value()]).toEqual([4, 4]);
  });

  test('that inserts what another inserted meanwhile conflicts, then finds it there', async () => {
    seed('docs');
    let runs = 0;
    const added = db.runTransaction(async (transaction) => {
      runs += 1;
      await transaction.collection('docs').add({ data: { _id: 'a', key: 1 } });
      if (runs === 1) await db.collection('docs').add({ data: { _id: 'a', key: 0 } });
    });
    await expect(added).rejects.toThrow(/E11000/);
    expect([runs, database.dump()['docs']]).toEqual([2, [{ _id: 'a', key: 0 }]]);
  });

  test('that removes what another removed and made again meanwhile conflicts', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const transaction = await db.startTransaction();
    await transaction.collection('docs').doc('a').remove();
    await db.collection('docs').doc('a').remove();
    await db.collection('docs').add({ data: { _id: 'a', n: 1 } });
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_CONFLICT' });
    expect(value()).toBe(1);
  });

  test('may build on what it only read, even when another changed that', async () => {
    seed('docs', [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ]);
    const [one, two] = [await db.startTransaction(), await db.startTransaction()];
    await one.collection('docs').doc('a').get();
    await two.collection('docs').doc('b').get();
    await one
      .collection('docs')
      .doc('b')
      .update({ data: { n: 2 } });
    await two
      .collection('docs')
      .doc('a')
      .update({ data: { n: 2 } });
    await one.commit();
    await two.commit();
    expect(database.dump()['docs']).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 2 },
    ]);
  });

  test('does not cover an update, a removal or a count of a query, which the SDK sends outside of it', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const transaction = await db.startTransaction();
    await transaction
      .collection('docs')
      .where({ n: 1 })
      .update({ data: { n: 2 } });
    expect(value()).toBe(2);
    await transaction.collection('docs').where({ n: 2 }).remove();
    await expect(transaction.collection('docs').count()).resolves.toMatchObject({ total: 0 });
    await transaction.rollback();
    expect(database.dump()['docs']).toEqual([]);
  });

  test('lives 30 seconds', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const gone = {
      errCode: -501001,
      errMsg: expect.stringMatching(/ResourceUnavailable\.TransactionNotExist.*30 seconds/),
    };
    const transaction = await db.startTransaction();
    nowMs += 29_999;
    await transaction
      .collection('docs')
      .doc('a')
      .update({ data: { n: 2 } });
    nowMs += 1;
    await expect(transaction.collection('docs').doc('a').get()).rejects.toMatchObject(gone);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_FAIL' });
    expect(value()).toBe(1);
  });

  test('takes nothing after its commit', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const transaction = await db.startTransaction();
    await transaction.commit();
    await expect(
      transaction
        .collection('docs')
        .doc('a')
        .set({ data: { n: 2 } }),
    ).rejects.toThrow(/TransactionNotExist/);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_FAIL' });
  });

  test('is over once an operation in it failed', async () => {
    seed('docs', [{ _id: 'a', n: 1 }]);
    const transaction = await db.startTransaction();
    await transaction
      .collection('docs')
      .doc('a')
      .update({ data: { n: 2 } });
    await expect(transaction.collection('docs').add({ data: { _id: 'a' } })).rejects.toThrow(/E11000/);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_FAIL' });
    expect(value()).toBe(1);
  });
});

describe('a request', () => {
  const refused = (action: string, body: Fields) => database.handle(action, body);

  test('of an action nobody knows says where to add it', () => {
    for (const action of ['database.dropCollection', 'toString', '']) {
      expect(refused(action, {})).toEqual({
        code: 'INVALID_PARAM',
        message: `the local CloudBase has no action "${action}" yet; add it to emulator/cloudbase/database/database.ts`,
        requestId: expect.any(String),
      });
    }
  });

  test.each<[string, string, Fields, string, RegExp]>([
    ['without a name', 'addCollection', {}, 'INVALID_PARAM', /collectionName/],
    [
      'with documents that are no list',
      'insertDocument',
      { data: '{}' },
      'INVALID_PARAM',
      /"data" must be a list/,
    ],
    [
      'with a document that is not EJSON',
      'insertDocument',
      { data: ['{bad'] },
      'INVALID_PARAM',
      /"data" is not EJSON/,
    ],
    [
      'with a document that is a number',
      'insertDocument',
      { data: ['5'] },
      'INVALID_PARAM',
      /"data" must be a document/,
    ],
    [
      'with a broken number',
      'insertDocument',
      { data: ['{"n":{"$numberLong":"x"}}'] },
      'INVALID_PARAM',
      /not EJSON/,
    ],
    [
      'with an operator for a document',
      'insertDocument',
      { data: ['{"$inc":{}}'] },
      'DATABASE_REQUEST_FAILED',
      /\$inc/,
    ],
    [
      'with a query that is not EJSON',
      'getDocument',
      { query: '{' },
      'INVALID_PARAM',
      /"query" is not EJSON/,
    ],
    [
      'with a query that is a list',
      'getDocument',
      { query: '[]' },
      'INVALID_PARAM',
      /"query" must be an object/,
    ],
    [
      'with a query that is no text',
      'getDocument',
      { query: {} },
      'INVALID_PARAM',
      /"query" must be EJSON text/,
    ],
    [
      'with a flag no database knows',
      'getDocument',
      { query: '{"a":{"$regularExpression":{"pattern":"a","options":"g"}}}' },
      'INVALID_PARAM',
      /\[g\]/,
    ],
    [
      'with an unknown top operator',
      'getDocument',
      { query: '{"$foo":1}' },
      'DATABASE_INVALID_OPERRATOR',
      /\$foo/,
    ],
    [
      'with a script',
      'getDocument',
      { query: '{"$where":"true"}' },
      'DATABASE_REQUEST_FAILED',
      /scriptEnabled/,
    ],
    [
      'that sets a document without an id',
      'modifyDocument',
      { merge: false, data: '{}', query: '{"a":1}' },
      'INVALID_PARAM',
      /_id/,
    ],
    [
      'that changes an id',
      'modifyDocument',
      { merge: true, data: '{"$set":{"_id":"b"}}', query: '{}' },
      'DATABASE_REQUEST_FAILED',
      /_id/,
    ],
    [
      'with an update operator for no field',
      'modifyDocument',
      { data: '{"$set":1}' },
      'DATABASE_REQUEST_FAILED',
      /\$set must name/,
    ],
    [
      'with a field for an operator',
      'modifyDocument',
      { data: '{"a":1}' },
      'DATABASE_INVALID_OPERRATOR',
      /a/,
    ],
    [
      'with a stage that is not EJSON',
      'aggregateDocuments',
      { stages: [{ stageKey: '$match' }] },
      'INVALID_PARAM',
      /stageValue/,
    ],
    ['with stages that are no list', 'aggregateDocuments', { stages: 1 }, 'INVALID_PARAM', /"stages"/],
    [
      'of no transaction',
      'getDocument',
      { transactionId: 'x' },
      'DATABASE_TRANSACTION_FAIL',
      /TransactionNotExist/,
    ],
    [
      'that commits no transaction',
      'commitTransaction',
      {},
      'DATABASE_TRANSACTION_FAIL',
      /TransactionNotExist/,
    ],
  ])('%s is refused', (_name, action, body, code, message) => {
    seed('docs', [{ _id: 'a', x: 1 }]);
    const name = action === 'addCollection' ? {} : { collectionName: 'docs' };
    expect(refused(`database.${action}`, { ...name, ...body })).toEqual({
      code,
      message: expect.stringMatching(message),
      requestId: expect.any(String),
    });
    expect(database.dump()).toEqual({ docs: [{ _id: 'a', x: 1 }] });
  });

  test('with a document over 16 MB is refused', () => {
    seed('docs');
    const data = [JSON.stringify({ text: 'x'.repeat(16 * 1024 * 1024) })];
    expect(refused('database.insertDocument', { collectionName: 'docs', data })).toMatchObject({
      code: 'DATABASE_REQUEST_FAILED',
      message: expect.stringMatching(/more than the 16777216 bytes/),
    });
  });

  test('changes one document and returns it, in a transaction or not', () => {
    seed('docs', [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ]);
    const body = { collectionName: 'docs', query: '{"n":1}', data: '{"$inc":{"n":{"$numberInt":"1"}}}' };
    const doc = '{"_id":"a","n":{"$numberInt":"2"}}';
    expect(database.handle('database.modifyAndReturnDoc', body)).toMatchObject({ data: { updated: 1, doc } });
    expect(database.dump()['docs']).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 1 },
    ]);
    const { transactionId } = database.handle('database.startTransaction', {});
    database.handle('database.modifyAndReturnDoc', { ...body, transactionId });
    expect(database.dump()['docs']).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 1 },
    ]);
    database.handle('database.commitTransaction', { transactionId });
    expect(database.handle('database.modifyAndReturnDoc', body)).toMatchObject({ data: { updated: 0 } });
  });

  test('for more than 1000 documents gets 1000, whoever sends it', () => {
    seed(
      'docs',
      Array.from({ length: 1001 }, (_unused, i) => ({ _id: i })),
    );
    const reply = database.handle('database.getDocument', { collectionName: 'docs', limit: 1001 });
    expect([reply['limit'], (reply['data'] as { list: string[] }).list.length]).toEqual([1000, 1000]);
  });

  test('may name a document by an object, which is not the text that describes it', () => {
    seed('docs', [{ _id: { a: 1 } }, { _id: EJSON.stringify({ a: 1 }, { relaxed: false }) }]);
    expect(database.dump()['docs']).toHaveLength(2);
  });

  test('finds a database that was reset as new', () => {
    seed('docs', [{ n: 1 }]);
    database.createIndex('docs', 'n');
    const { transactionId } = database.handle('database.startTransaction', {});
    database.reset();
    expect(database.dump()).toEqual({});
    expect(database.handle('database.commitTransaction', { transactionId })).toHaveProperty('code');
    seed('docs', [{ n: 1 }, { n: 1 }]);
  });

  test('gets a copy, never the store itself', () => {
    seed('docs', [{ _id: 'a', l: [{ at: new Date(1) }] }]);
    const copy = database.dump();
    const [document] = copy['docs'] as [{ l: { at: Date }[] }];
    document.l[0]?.at.setTime(9);
    document.l.pop();
    expect(database.dump()['docs']).toEqual([{ _id: 'a', l: [{ at: new Date(1) }] }]);
  });
});

describe('the properties of the store', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const fields = fc.record(
    { n: fc.integer(), m: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    { requiredKeys: ['n'] },
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant('insert' as const), id, fields }),
    fc.record({ do: fc.constant('set' as const), id, fields }),
    fc.record({ do: fc.constant('update' as const), id, fields }),
    fc.record({ do: fc.constant('remove' as const), id }),
    fc.record({ do: fc.constant('get' as const), id }),
  );
  const ejson = (value: unknown) => EJSON.stringify(value, { relaxed: false });

  test('for every sequence of inserts, sets, updates, removals and reads by id it agrees with a Map', () => {
    const run = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      database = newDatabase();
      seed('docs');
      const model = new Map<string, Fields>();
      const send = (action: string, body: Fields) =>
        database.handle(`database.${action}`, { collectionName: 'docs', ...body });
      for (const each of steps) {
        const query = ejson({ _id: each.id });
        const known = model.get(each.id);
        switch (each.do) {
          case 'insert': {
            const reply = send('insertDocument', { data: [ejson({ _id: each.id, ...each.fields })] });
            if (known === undefined) model.set(each.id, { _id: each.id, ...each.fields });
            expect('code' in reply).toBe(known !== undefined);
            break;
          }
          case 'set': {
            const reply = send('modifyDocument', {
              query,
              data: ejson(each.fields),
              merge: false,
              upsert: true,
              multi: false,
            });
            model.set(each.id, { _id: each.id, ...each.fields });
            expect(reply['data']).toEqual(
              known === undefined ? { updated: 0, upsert_id: each.id } : { updated: 1 },
            );
            break;
          }
          case 'update': {
            send('modifyDocument', {
              query,
              data: ejson({ $set: each.fields, $inc: { hits: 1 } }),
              merge: true,
              multi: false,
            });
            if (known !== undefined)
              model.set(each.id, { ...known, ...each.fields, hits: Number(known['hits'] ?? 0) + 1 });
            break;
          }
          case 'remove': {
            const reply = send('removeDocument', { query, multi: false });
            expect(reply['data']).toEqual({ deleted: model.delete(each.id) ? 1 : 0 });
            break;
          }
          case 'get': {
            const { list } = send('getDocument', { query })['data'] as { list: string[] };
            expect(list.map((text) => EJSON.parse(text))).toEqual(known === undefined ? [] : [known]);
            break;
          }
        }
      }
      expect(database.dump()['docs']).toEqual([...model.values()]);
    });
    fc.assert(run, { numRuns: depth(3000) });
  }, 300_000);

  test('for every interleaving a transaction sees its start and its own writes, and commits unless outrun', () => {
    const who = fc.constantFrom('one', 'two', 'outside');
    const doing = fc.record({ who, id, n: fc.option(fc.integer()) });
    const run = fc.property(fc.array(doing, { maxLength: 20 }), (steps) => {
      database = newDatabase();
      seed('docs', [
        { _id: 'a', n: 0 },
        { _id: 'b', n: 0 },
      ]);
      const send = (action: string, body: Fields) =>
        database.handle(`database.${action}`, { collectionName: 'docs', ...body });
      const read = (transactionId?: unknown) => {
        const body = transactionId === undefined ? {} : { transactionId };
        const { list } = send('getDocument', body)['data'] as { list: string[] };
        return Object.fromEntries(list.map((text) => EJSON.parse(text)).map(({ _id, n }) => [_id, n]));
      };
      const committed: Record<string, number> = { a: 0, b: 0 };
      /** Which of its writes each document there is comes from; both transactions began with the first. */
      const versions: Record<string, number> = { a: 0, b: 0 };
      const atStart = { ...versions };
      let version = 0;
      const note = (key: string, n: number | null) => {
        version += 1;
        put(committed, key, n);
        put(versions, key, n === null ? null : version);
      };
      const transactions = new Map(
        ['one', 'two'].map((name) => [
          name,
          {
            transactionId: send('startTransaction', {})['transactionId'],
            sees: { ...committed },
            wrote: new Set<string>(),
          },
        ]),
      );
      const put = (into: Record<string, number>, key: string, n: number | null) => {
        if (n === null) delete into[key];
        else into[key] = n;
      };
      const write = (key: string, n: number | null, rest: Fields) => {
        const query = ejson({ _id: key });
        if (n === null) send('removeDocument', { query, multi: false, ...rest });
        else send('modifyDocument', { query, data: ejson({ n }), merge: false, ...rest });
      };
      for (const { who, id: key, n } of steps) {
        const transaction = transactions.get(who);
        if (transaction === undefined) {
          write(key, n, {});
          note(key, n);
        } else {
          const { transactionId, sees, wrote } = transaction;
          // To remove what is not there is no write.
          if (n !== null || key in sees) wrote.add(key);
          write(key, n, { transactionId });
          put(sees, key, n);
          expect(read(transactionId)).toEqual(sees);
        }
        expect(read()).toEqual(committed);
      }
      for (const { transactionId, sees, wrote } of transactions.values()) {
        const outrun = [...wrote].some((key) => versions[key] !== atStart[key]);
        const reply = send('commitTransaction', { transactionId });
        expect(reply['code']).toBe(outrun ? 'DATABASE_TRANSACTION_CONFLICT' : undefined);
        if (outrun) continue;
        for (const key of wrote) note(key, sees[key] ?? null);
        expect(read()).toEqual(committed);
      }
    });
    fc.assert(run, { numRuns: depth(2000) });
  }, 300_000);

  test('for every query an index changes nothing but the time it takes', () => {
    const value = fc.constantFrom<unknown>(1, 2, '1', null, true, [1, 2], ['1'], new Date(1));
    const documents = fc.array(fc.record({ a: value, b: value }, { requiredKeys: [] }), { maxLength: 8 });
    const condition = fc.oneof(
      value,
      fc.record({ $eq: value }),
      fc.record({ $in: fc.array(value, { maxLength: 3 }) }),
      fc.record({ $ne: value }),
    );
    const query = fc.oneof(
      fc.record({ a: condition, b: condition }, { requiredKeys: [] }),
      fc.record({ $and: fc.tuple(fc.record({ a: condition }), fc.record({ b: condition })) }),
    );
    const index = fc.constantFrom('a', 'b');
    const run = fc.property(documents, query, index, (given, asked, field) => {
      database = newDatabase();
      database.createIndex('indexed', field);
      seed('plain');
      given.forEach((document, i) => {
        const data = [ejson({ _id: i, ...document })];
        for (const collectionName of ['indexed', 'plain'])
          database.handle('database.insertDocument', { collectionName, data });
      });
      const find = (collectionName: string) => {
        const body = { collectionName, query: ejson(asked), order: '{"_id":1}' };
        return database.handle('database.getDocument', body)['data'];
      };
      expect(find('indexed')).toEqual(find('plain'));
    });
    fc.assert(run, { numRuns: depth(2000) });
  }, 300_000);
});
