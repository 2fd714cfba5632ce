/**
 * The indexes that make the collections fast, non-unique; nothing needs them to be right. A row is an index, its fields
 * in their order. `docs/delivery.md` shows the same table, held to this one by a test.
 */
export const indexes: readonly { readonly collection: string; readonly fields: readonly string[] }[] = [
  { collection: 'kefu_outbox', fields: ['state', 'dueAt'] },
  { collection: 'kefu_outbox', fields: ['lane', 'state'] },
  { collection: 'kefu_outbox', fields: ['holder'] },
  { collection: 'kefu_requests', fields: ['at'] },
  { collection: 'kefu_pushes', fields: ['at'] },
  { collection: 'kefu_nonces', fields: ['at'] },
];
