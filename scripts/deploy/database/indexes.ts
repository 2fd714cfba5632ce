import { collectionNames, collections } from '../../../shared/core/collections';

/** The indexes of all collections, a row each. `docs/delivery.md` shows the same table, held to this one by a test. */
export const indexes: readonly { readonly collection: string; readonly fields: readonly string[] }[] =
  collectionNames.flatMap((collection) =>
    collections[collection].indexes.map((fields) => ({ collection, fields })),
  );
