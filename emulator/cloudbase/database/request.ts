import { type Document, isPlainObject, parseEjson } from './documents';
import { faults } from './faults';

/** The fields of a request, as JSON brought them. */
export type Body = Readonly<Record<string, unknown>>;

/** The name of the collection a request is about. */
export function readCollectionName(body: Body): string {
  const name = body['collectionName'];
  if (typeof name !== 'string' || name === '') throw faults.invalid('"collectionName" must be a name');
  return name;
}

/** An object the request carries as EJSON, or undefined: the SDK sends an empty text for a query nobody gave. */
export function readObject(body: Body, field: string, nowMs: number): Document | undefined {
  if (body[field] === undefined || body[field] === '') return undefined;
  const value = parseEjson(readText(body, field), field, nowMs);
  if (!isPlainObject(value)) throw faults.invalid(`"${field}" must be an object`);
  return value;
}

/** A field that must be EJSON text. */
export function readText(body: Body, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw faults.invalid(`"${field}" must be EJSON text`);
  return value;
}

/** A field that must be a list. */
export function readList(body: Body, field: string): readonly unknown[] {
  const value = body[field];
  if (!Array.isArray(value)) throw faults.invalid(`"${field}" must be a list`);
  return value;
}

/** A number of documents, 0 where the request does not say. */
export function readCount(body: Body, field: string): number {
  const value = body[field] ?? 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw faults.invalid(`"${field}" must be a whole number, not negative`);
}
