import { updateMany } from 'mingo/updater';
import { cloneDeep } from 'mingo/util';
import { type Document, isPlainObject, toEjson } from './documents';
import { faults } from './faults';

/** What an update operator asks of the field it changes. */
interface OperatorRule {
  /** What the field must hold when there is one. */
  readonly holds: 'anything' | 'a number' | 'an array';
  /** Whether it makes the field, and the objects on the way to it, when there is none. */
  readonly creates: boolean;
}

const operators: Readonly<Record<string, OperatorRule>> = {
  $set: { holds: 'anything', creates: true },
  $min: { holds: 'anything', creates: true },
  $max: { holds: 'anything', creates: true },
  $inc: { holds: 'a number', creates: true },
  $mul: { holds: 'a number', creates: true },
  $bit: { holds: 'a number', creates: true },
  $push: { holds: 'an array', creates: true },
  $addToSet: { holds: 'an array', creates: true },
  $pull: { holds: 'an array', creates: false },
  $pullAll: { holds: 'an array', creates: false },
  $pop: { holds: 'an array', creates: false },
  $rename: { holds: 'anything', creates: false },
  $unset: { holds: 'anything', creates: false },
};

const holds = {
  anything: () => true,
  'a number': (value: unknown) => typeof value === 'number',
  'an array': (value: unknown) => Array.isArray(value),
} as const satisfies Record<OperatorRule['holds'], (value: unknown) => boolean>;

/**
 * The documents as an update leaves them, in the same order; the given ones stay as they are.
 * Refuses what MongoDB refuses: mingo passes over a field of the wrong type, and makes an object of a null.
 */
export function updateDocuments(
  documents: readonly Document[],
  query: Document,
  modifier: Document,
): Document[] {
  const changes = Object.entries(modifier);
  if (changes.length === 0) {
    throw faults.failed('update document must have at least one element');
  }
  const copies = documents.map((document) => cloneDeep(document));
  let isPositional = false;
  for (const [operator, fields] of changes) {
    const rule = operators[operator];
    if (rule === undefined) throw faults.unsupported(`unknown update operator ${operator}`);
    if (!isPlainObject(fields)) throw faults.failed(`${operator} must name the fields it changes`);
    for (const [path, operand] of Object.entries(fields)) {
      // Which element a positional path means depends on the query; mingo resolves it.
      if (path.includes('$')) {
        isPositional = true;
        continue;
      }
      if (operator === '$push') checkPush(operand);
      for (const copy of copies) checkField(copy, operator, rule, path);
    }
  }
  // The documents are known to match; asked again, a copy prepared for a $push might not.
  updateMany(copies, isPositional ? query : {}, modifier, { cloneMode: 'deep' });
  return copies;
}

function checkField(document: Document, operator: string, rule: OperatorRule, path: string): void {
  const steps = path.split('.');
  let holder: unknown = document;
  for (const [i, step] of steps.entries()) {
    const canHold = Array.isArray(holder)
      ? /^\d+$/.test(step)
      : typeof holder === 'object' && holder !== null;
    if (!canHold) {
      if (!rule.creates) return;
      const parent = `{${steps[i - 1]}: ${toEjson(holder)}}`;
      throw faults.failed(`Cannot create field '${step}' in element ${parent}`);
    }
    const value = (holder as Document)[step];
    if (value === undefined) {
      // mingo forgets $position, $sort and $slice when it makes the array itself.
      if (operator === '$push' && i === steps.length - 1) (holder as Document)[step] = [];
      return;
    }
    holder = value;
  }
  if (holds[rule.holds](holder)) return;
  throw faults.failed(
    `Cannot apply ${operator} to '${path}' of {_id: ${toEjson(document['_id'])}}: ` +
      `it must hold ${rule.holds}, and holds ${toEjson(holder)}`,
  );
}

function checkPush(operand: unknown): void {
  const sort = (operand as Document | null)?.['$sort'];
  if (typeof sort !== 'object' || sort === null || Object.keys(sort).length === 1) return;
  throw faults.unsupported('the local CloudBase sorts a $push by one field only');
}
