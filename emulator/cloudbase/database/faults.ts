/** What the gateway says instead of an answer. A code the SDK's own map lacks reaches the caller as -501001. */
export type FaultCode =
  | 'INVALID_PARAM'
  | 'DATABASE_REQUEST_FAILED'
  | 'DATABASE_INVALID_OPERRATOR'
  | 'DATABASE_COLLECTION_NOT_EXIST'
  | 'DATABASE_COLLECTION_ALREADY_EXIST'
  | 'DATABASE_TRANSACTION_CONFLICT'
  | 'DATABASE_TRANSACTION_FAIL';

/** A refusal inside the database: thrown by whatever finds it, answered as `{code, message}`. */
export class DatabaseFault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.name = 'DatabaseFault';
    this.code = code;
  }
}

const advice = 'Please check your request, but if the problem persists, contact us.';

/**
 * The faults there are. Those that CloudBase has too are in its own words, because functions recognise them by
 * their text: the SDK replaces the code by a number, and several share one.
 */
export const faults = {
  invalid: (message: string) => new DatabaseFault('INVALID_PARAM', message),

  /** What MongoDB would say of a request that CloudBase handed on. */
  failed: (message: string) => new DatabaseFault('DATABASE_REQUEST_FAILED', message),

  unsupported: (message: string) => new DatabaseFault('DATABASE_INVALID_OPERRATOR', message),

  collectionMissing: (name: string) =>
    new DatabaseFault(
      'DATABASE_COLLECTION_NOT_EXIST',
      `[ResourceNotFound] Db or Table not exist: ${name}. ${advice}`,
    ),

  collectionExists: (name: string) =>
    new DatabaseFault(
      'DATABASE_COLLECTION_ALREADY_EXIST',
      `[ResourceUnavailable.ResourceExist] Table exist: ${name}. ${advice}`,
    ),

  duplicateKey: (collection: string, id: string) =>
    new DatabaseFault(
      'DATABASE_REQUEST_FAILED',
      '[FailedOperation] multiple write errors: [{write errors: [{E11000 duplicate key error ' +
        `collection: local.${collection} index: _id_ dup key: { _id: ${id} }}]}, {<nil>}]`,
    ),

  transactionConflict: () =>
    new DatabaseFault(
      'DATABASE_TRANSACTION_CONFLICT',
      `[ResourceUnavailable.TransactionConflict] Transaction is conflict, maybe resource operated by others. ${advice}`,
    ),

  transactionGone: () =>
    new DatabaseFault(
      'DATABASE_TRANSACTION_FAIL',
      '[ResourceUnavailable.TransactionNotExist] Transaction does not exist on the server, ' +
        `transaction must be commit or abort in 30 seconds. ${advice}`,
    ),
};

/**
 * Reads whatever was thrown as a fault, so that an answer is always `{code, message}`.
 * mingo tells an operator it does not know from any other complaint by its sentence alone.
 */
export function toFault(error: unknown): DatabaseFault {
  if (error instanceof DatabaseFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const isUnknownOperator = /^(unknown|unregistered) .*operator|is not registered/i.test(message);
  return new DatabaseFault(
    isUnknownOperator ? 'DATABASE_INVALID_OPERRATOR' : 'DATABASE_REQUEST_FAILED',
    message,
  );
}
