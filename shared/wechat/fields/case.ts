/**
 * The two spellings of WeChat's field names, and the rule that leads from one to the other.
 *
 * HTTPS payloads are snake_case (`media_id`), cloud calls camelCase (`mediaId`). The rule is the one that
 * wx-server-sdk 4.0.2 applies in `convertCase`; names that WeChat joins (`musicurl`, `pagepath`) hold no
 * underscore and so are the same in both, and so is an underscore before anything but a small letter (`x_2y`).
 */

/** A field name as the cloud call spells it: `CamelKey<'thumb_media_id'>` is `'thumbMediaId'`. */
export type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? Tail extends Capitalize<Tail>
    ? `${Head}_${CamelKey<Tail>}`
    : `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;

/** Spells a field name for a cloud call: `media_id` becomes `mediaId`, `pagepath` stays. */
export function toCamelKey(key: string): string {
  return key.replace(/_[a-z]/g, (pair) => pair.charAt(1).toUpperCase());
}

/** Spells a field name for HTTPS as the SDK does: `mediaId` becomes `media_id`; a leading capital gets no underscore. */
export function toSnakeKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter, index) => (index > 0 ? '_' : '') + letter.toLowerCase());
}
