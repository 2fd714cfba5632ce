import type { Project } from './project';
import { repository } from './repository';

/**
 * The project that the commands work on. This is the repository's own answer: the package's build puts `mini-program.ts`
 * in this file's place.
 */
export async function findProject(): Promise<Project> {
  return repository;
}
