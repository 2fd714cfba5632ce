import type { Emulator } from '../../emulator/emulator';

/** Counts the requests that reach the database while something is done: each is a round trip. */
export async function countTrips<T>(
  { database }: Pick<Emulator, 'database'>,
  work: () => Promise<T>,
): Promise<{ result: T; trips: number }> {
  const { handle } = database;
  let trips = 0;
  Object.assign(database, {
    handle: (...args: Parameters<typeof handle>) => {
      trips += 1;
      return handle(...args);
    },
  });
  try {
    return { result: await work(), trips };
  } finally {
    Object.assign(database, { handle });
  }
}
