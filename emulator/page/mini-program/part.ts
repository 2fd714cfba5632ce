/** A page or a component. */
export interface Part {
  /** Where it stands in the mini program, without extension: `pages/send/index`. */
  readonly path: string;
  /** What its JSON says, with the paths of its components as they stand in the mini program. */
  readonly config: PartConfig;
  /** What its classes have before their names; a page's have nothing. */
  readonly scope?: string;
}

/** What stands in a page's JSON, as far as it is used here. */
export interface PartConfig {
  readonly component?: boolean;
  readonly usingComponents?: { readonly [tag: string]: string };
  readonly navigationBarTitleText?: string;
  readonly navigationStyle?: 'default' | 'custom';
  readonly onReachBottomDistance?: number;
}

/** What stands in `app.json`, as far as it is used here. */
export interface AppConfig {
  readonly pages: readonly string[];
  readonly subPackages?: readonly Subpackage[];
  /** WeChat takes either spelling. */
  readonly subpackages?: readonly Subpackage[];
  readonly usingComponents?: PartConfig['usingComponents'];
  readonly window?: PartConfig;
  /** `v2`, or WeChat's elements as they first looked. */
  readonly style?: string;
  readonly tabBar?: { readonly list: readonly { readonly pagePath: string; readonly text: string }[] };
}

interface Subpackage {
  readonly root: string;
  readonly pages: readonly string[];
}

/** A mini program: its `app.json`, and its pages and components with what they use. */
export interface Described {
  readonly app: AppConfig;
  /** Every page, those of subpackages too. */
  readonly pages: readonly string[];
  readonly parts: readonly Part[];
}

/** The scripts of a mini program, each run by its call. */
export interface Modules {
  readonly [path: string]: () => unknown;
}

/** An object of JavaScript that a mini program hands over. */
export interface Definition {
  readonly [field: string]: unknown;
}
