import { distance } from 'fastest-levenshtein';

/** A name without what misspellings differ in: `mediaID`, `media-id` and `media_id` are one. */
function skeleton(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The longest name worth comparing: nobody mistypes a field into more than this. */
const longestName = 40;

/** Names that people try first, by what they mean. */
const synonyms: { readonly [name: string]: string } = {
  openid: 'touser',
  to: 'touser',
  user: 'touser',
  type: 'msgtype',
};

/** What to say beside a name that is none of those known: which was probably meant, or which there are. */
export function hintFor(unknown: string, known: readonly string[]): string {
  const near = nearestName(unknown, known);
  return near === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
}

/** A name with fewer letters begins too many others. */
const shortestBeginning = 3;

/**
 * The known name that an unknown one was probably meant to be, or `undefined` where none is near: the same but for
 * capitals and underscores, or up to a third of its letters away (two letters swapped count as two); else one that
 * begins with it (`que`, `queue`), or that people call so (`openid`, `touser`).
 */
export function nearestName(unknown: string, known: readonly string[]): string | undefined {
  if (unknown.length > longestName) return undefined;
  const bare = skeleton(unknown);
  if (bare === '') return undefined;
  const allowed = bare.length < 5 ? 1 : Math.max(2, Math.floor(bare.length / 3));
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    const edits = distance(bare, skeleton(name));
    if (edits <= allowed && (best === undefined || edits < best.edits)) {
      best = { name, edits };
    }
  }
  if (best !== undefined) return best.name;
  const begun =
    bare.length < shortestBeginning ? undefined : known.find((name) => skeleton(name).startsWith(bare));
  const synonym = Object.hasOwn(synonyms, bare) ? synonyms[bare] : undefined;
  return begun ?? known.find((name) => name === synonym);
}
