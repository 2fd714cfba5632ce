/** An object of which nothing is known. */
export type Fields = { readonly [field: string]: unknown };

/** The fields of a value; none where it is no object. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The value of a JSON text; anything else as it is. */
export function parsedJson(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}
