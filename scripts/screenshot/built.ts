/** What is drawn: the folders of what was built. */
export interface Built {
  /** The functions, with the example's rules and notices. */
  readonly functions: string;
  /** The mini program. */
  readonly client: string;
}
