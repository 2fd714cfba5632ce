/** A page or component, as the compiler describes it. */
export interface Part {
  readonly path: string;
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
  readonly enablePullDownRefresh?: boolean;
  readonly onReachBottomDistance?: number;
}

/** What stands in `app.json`, as far as it is used here. */
export interface AppConfig {
  readonly window?: PartConfig;
  /** `v2`, or WeChat's elements as they first looked. */
  readonly style?: string;
  readonly tabBar?: {
    readonly color?: string;
    readonly selectedColor?: string;
    readonly list: readonly { readonly pagePath: string; readonly text: string }[];
  };
}

/** A compiled mini program, as its script hands it over. */
export interface Described {
  readonly app: AppConfig;
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
