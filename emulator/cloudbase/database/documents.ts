import { BSONRegExp, calculateObjectSize, EJSON } from 'bson';
import { faults } from './faults';

/** One document as it lies in the store: numbers are numbers, dates are dates, nothing is ever changed in place. */
export type Document = Record<string, unknown>;

/** What stands for an `_id` or an indexed value in a Map: the value itself, or its EJSON where it is an object. */
export type Key = string | number | boolean | null;

const maxDocumentBytes = 16 * 1024 * 1024;

/** Whether a value is an object with fields, as against a date, an ObjectId, an array or a regular expression. */
export function isPlainObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether two equal values of it have equal keys: the values a query may be answered from a Map for. */
export function isScalar(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return true;
  return '_bsontype' in value && value._bsontype === 'ObjectId';
}

/** The Map key of a value; `1` and `'1'` differ, as they do in MongoDB. */
export function toKey(value: unknown): Key {
  // The zero character keeps an object's text apart from a string that happens to read the same.
  return typeof value === 'object' && value !== null ? `\u0000${toEjson(value)}` : (value as Key);
}

/** A value as the gateway sends it: canonical EJSON, in which an int, a long and a double differ. */
export function toEjson(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false });
}

/**
 * Reads a value the SDK sent as EJSON. `$tcb_server_date` becomes a date by the given clock.
 * Throws INVALID_PARAM naming the field of the request when the text cannot be read.
 */
export function parseEjson(text: string, field: string, nowMs: number): unknown {
  try {
    return revive(EJSON.parse(text), nowMs);
  } catch (error) {
    throw faults.invalid(`"${field}" is not EJSON: ${(error as Error).message}`);
  }
}

/** Reads a document to be stored: `parseEjson`, and what MongoDB asks of a whole document. */
export function parseDocument(text: string, nowMs: number): Document {
  const document = parseEjson(text, 'data', nowMs);
  if (!isPlainObject(document)) throw faults.invalid('"data" must be a document');
  const operator = Object.keys(document).find((key) => key.startsWith('$'));
  if (operator !== undefined) {
    throw faults.failed(`a document must not hold the update operator ${operator}`);
  }
  return document;
}

/** Refuses a document over MongoDB's 16 MB. */
export function checkSize(document: Document): void {
  const sizeBytes = calculateObjectSize(document);
  if (sizeBytes <= maxDocumentBytes) return;
  throw faults.failed(
    `the document is ${sizeBytes} bytes, more than the ${maxDocumentBytes} bytes a document may have`,
  );
}

/** Replaces, in place, what EJSON leaves as its own classes or as CloudBase's own markers. */
function revive(value: unknown, nowMs: number): unknown {
  if (value instanceof BSONRegExp) return new RegExp(value.pattern, value.options);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = revive(value[i], nowMs);
    return value;
  }
  if (!isPlainObject(value)) return value;
  const serverDate = value['$tcb_server_date'];
  if (isPlainObject(serverDate)) return new Date(nowMs + Number(serverDate['offset'] ?? 0));
  for (const key of Object.keys(value)) value[key] = revive(value[key], nowMs);
  return value;
}
