import UCharts from '@qiun/ucharts';
import { callDesk, deskWords } from '../desk-client';
import type { Day } from '../model/contract';
import { columnNames, rowOf, toCsv } from '../model/csv';
import { chinaDay } from '../model/format';
import { type Plot, plotsOf } from '../model/plots';
import { describeDeskRefusal } from '../words';

const words = deskWords();
const t = words.page;

const colors = ['#07a255', '#3b82f6', '#f59e0b', '#ec4899'];

Page({
  data: {
    t,
    span: 7,
    days: [] as readonly Day[],
    plots: [] as readonly Plot[],
    titles: columnNames.map((name) => t[name]),
    rows: [] as readonly { readonly day: string; readonly cells: readonly (string | number)[] }[],
    isRead: false,
    wrong: '',
  },

  async onLoad() {
    await this.read(7);
  },

  onReady() {
    wx.setNavigationBarTitle({ title: words.stats });
  },

  async read(span: number) {
    this.setData({ span, isRead: false, wrong: '' });
    const now = Date.now();
    const answer = await callDesk('stats', { from: chinaDay(now, 1 - span), to: chinaDay(now) });
    if (this.data.span !== span) return;
    if (!answer.ok) {
      this.setData({ isRead: true, wrong: describeDeskRefusal(answer, words) });
      return;
    }
    const days = answer.days.slice().sort((one, other) => (one.day < other.day ? -1 : 1));
    this.setData(
      {
        days,
        plots: plotsOf(days, words),
        rows: days
          .slice()
          .reverse()
          .map((day) => ({ day: day.day, cells: rowOf(day) })),
        isRead: true,
      },
      () => this.plotAll(),
    );
  },

  onSpan({ currentTarget }: WechatMiniprogram.CustomEvent) {
    return this.read(Number(currentTarget.dataset['span']));
  },

  plotAll() {
    const isDark = wx.getAppBaseInfo().theme === 'dark';
    for (const plot of this.data.plots)
      wx.createSelectorQuery()
        .select(`#${plot.id}`)
        .fields({ node: true, size: true })
        .exec(([found]: (Found | null)[]) => {
          if (found?.node) draw(plot, found, isDark);
        });
  },

  onResize() {
    this.plotAll();
  },

  onCopy() {
    wx.setClipboardData({ data: toCsv(this.data.days, t) });
  },

  /** Writes the file to the phone and opens it where the phone can, so that it can be passed on. */
  onExport() {
    const { days } = this.data;
    const filePath = `${wx.env.USER_DATA_PATH}/kefu-${days[0]?.day}-${days[days.length - 1]?.day}.csv`;
    const fail = () => wx.showToast({ title: t.cannotOpen, icon: 'none' });
    wx.getFileSystemManager().writeFile({
      filePath,
      data: toCsv(days, t),
      encoding: 'utf8',
      fail,
      success: () => {
        // A phone shares a file, a desktop opens it.
        if (wx.shareFileMessage) wx.shareFileMessage({ filePath, fail: open });
        else open();
      },
    });
    function open() {
      wx.openDocument({ filePath, showMenu: true, fail });
    }
  },
});

/** A canvas of the page, with its size in pixels of the page. */
interface Found {
  readonly node: {
    width: number;
    height: number;
    getContext(kind: '2d'): unknown;
  };
  readonly width: number;
  readonly height: number;
}

function draw(plot: Plot, { node, width, height }: Found, isDark: boolean) {
  const pixelRatio = wx.getWindowInfo().pixelRatio;
  node.width = width * pixelRatio;
  node.height = height * pixelRatio;
  const fontColor = isDark ? '#9aa1a7' : '#6b7177';
  const gridColor = isDark ? '#33383c' : '#e3e6e8';
  const isSeveral = plot.series.length > 1;
  new UCharts({
    type: plot.type,
    context: node.getContext('2d'),
    canvas2d: true,
    width: node.width,
    height: node.height,
    pixelRatio,
    categories: plot.categories,
    series: plot.series,
    animation: false,
    background: isDark ? '#1d2022' : '#ffffff',
    color: colors,
    fontColor,
    padding: [12, 12, 4, 4],
    dataLabel: false,
    legend: { show: isSeveral, fontColor },
    xAxis: { disableGrid: true, fontColor, labelCount: 7, axisLineColor: gridColor },
    yAxis: { gridColor, data: [{ min: 0, fontColor, axisLineColor: gridColor }] },
    extra: { column: { type: isSeveral ? 'stack' : 'group', width: 16 } },
  });
}
