/** What the desk uses of uCharts, which has no types of its own. */
declare module '@qiun/ucharts' {
  interface Options {
    readonly type: 'line' | 'column';
    readonly context: unknown;
    readonly canvas2d: true;
    /** In the canvas's own pixels. */
    readonly width: number;
    readonly height: number;
    readonly pixelRatio: number;
    readonly categories: readonly string[];
    readonly series: readonly { readonly name: string; readonly data: readonly number[] }[];
    readonly animation: boolean;
    readonly background: string;
    readonly color: readonly string[];
    readonly fontColor: string;
    readonly padding: readonly number[];
    readonly dataLabel: boolean;
    readonly legend: object;
    readonly xAxis: object;
    readonly yAxis: object;
    readonly extra: object;
  }
  class UCharts {
    constructor(options: Options);
  }
  export = UCharts;
}
