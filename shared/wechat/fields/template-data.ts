import { type Fault, isOverfull, join, report } from './fault';
import { checkText } from './text-fields';
import { isPlainObject, type PlainObject, shorten, typeName } from './values';

/** Reads a template's data. Its keys are the caller's own, whatever their case; nothing but `value` and `color` is in them. */
export function readTemplateData(data: PlainObject, at: string, faults: Fault[]): Record<string, unknown> {
  const keys = Object.keys(data);
  if (keys.length === 0) report(faults, at, 'is empty', 47003);
  if (isOverfull(keys.length, 'fields', at, 47003, faults)) return {};
  return Object.fromEntries(
    keys.map((key) => {
      const entry = data[key];
      const path = join(at, shorten(key));
      return isPlainObject(entry)
        ? [key, readDatum(entry, path, faults)]
        : [key, report(faults, path, `must be {value}, not ${typeName(entry)}`, 47003)];
    }),
  );
}

function readDatum(entry: PlainObject, path: string, faults: Fault[]): Record<string, unknown> {
  if (isOverfull(Object.keys(entry).length, 'fields', path, 47003, faults)) return {};
  const { value, color, ...others } = entry;
  const fail = (name: string, message: string, errCode: number) =>
    report(faults, join(path, name), message, errCode);
  const wrong = typeof value === 'string' ? checkText({}, value) : undefined;
  if (wrong !== undefined) fail('value', wrong.message, wrong.errCode);
  else if (value === undefined || value === null) fail('value', 'is missing', 47003);
  else if (typeof value !== 'string' && !Number.isFinite(value))
    fail('value', `must be a string, not ${typeName(value)}`, 47003);
  if (color !== undefined && color !== null && typeof color !== 'string')
    fail('color', `must be a string, not ${typeName(color)}`, 47001);
  for (const key of Object.keys(others))
    fail(shorten(key), 'is not a field here; known: value, color', 40035);
  return typeof color === 'string' ? { value, color } : { value };
}
