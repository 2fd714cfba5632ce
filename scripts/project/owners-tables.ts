import type { Notices } from '../../shared/functions/notify/notice';
import { checkRules } from '../../shared/functions/rules/check-rules';
import type { ReplyRules } from '../../shared/functions/rules/reply-rules';

/** What is answered and told, as the owner has it. */
export interface OwnersTables {
  readonly rules: ReplyRules;
  readonly notices: Notices;
  /** Whether they are as they came: nobody is answered, and there is no notice. */
  readonly isFresh: () => boolean;
  /**
   * What is wrong with the rules, an error's lines; none where they can be used.
   *
   * @param ownAppid the mini program's, for the links in its texts; those of an environment stand in its `.env` file
   */
  readonly faults: (ownAppid: string | undefined) => readonly string[];
}

/** @param file of the rules, as people find it */
export function ownersTables(file: string, rules: ReplyRules, notices: Notices): OwnersTables {
  return {
    rules,
    notices,
    isFresh: () => rules.rules.length === 0 && Object.keys(notices).length === 0,
    faults(ownAppid) {
      const lines = checkRules(rules, ownAppid).map(({ path: at, message }) => `  ${at} ${message}`);
      return lines.length === 0 ? [] : [`${file}:`, ...lines];
    },
  };
}

/** Stops a build by tables that cannot work, with each fault's place in them. */
export function refuseFaults({ faults }: OwnersTables): void {
  const lines = faults(process.env['MINIPROGRAM_APPID']);
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
