// Curves of the last ten minutes, and no more: what is older goes.
const WINDOW = 600;
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** `series` is `[title, colour variable]`s, `write` how a value is written. */
export function chart(place, series, write) {
  const data = [[], ...series.map(() => [])];
  const axis = { stroke: () => color('--soft'), font: '11px system-ui', grid: { stroke: () => color('--line'), width: 1 }, ticks: { show: false } };
  const plot = new uPlot({
    width: 300,
    height: 170,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_, marks) => marks.map((at) => new Date(at * 1000).toTimeString().slice(0, 8)), space: 80, size: 28 },
      { ...axis, values: (_, marks) => marks.map(write), size: 64 },
    ],
    series: [
      { value: (_, at) => (at == null ? '' : new Date(at * 1000).toTimeString().slice(0, 8)), label: ' ' },
      ...series.map(([label, name]) => ({
        label, width: 1.5, stroke: () => color(name), points: { show: false },
        value: (_, value) => (value == null ? '–' : write(value)),
      })),
    ],
  }, data, place);
  const draw = () => { if (!document.hidden && place.clientWidth) plot.setData(data); };
  new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (width && width !== plot.width) plot.setSize({ width, height: 170 });
    draw();
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
  return {
    push(at, values) {
      const times = data[0];
      if (times.length && at <= times[times.length - 1]) return;
      [at, ...values].forEach((value, row) => data[row].push(value));
      while (times.length > WINDOW || times[0] < at - WINDOW) data.forEach((row) => row.shift());
      draw();
    },
  };
}
