// What goes on, once a second.
import { by, card, el, put, table } from './dom.js';
import { bytes, count, rate, span } from './form.js';
import { chart } from './chart.js';
import { t } from './words.js';

const TILES = {
  sessions: (now) => count(now.sessions),
  joined: (now) => count(now.joined),
  talks: (now) => count(now.talks),
  joins: (now) => rate(now.joins.a_second),
  matches: (now) => rate(now.matches.a_second),
  lines: (now) => rate(now.lines.a_second),
  requests: (now) => rate(now.requests.a_second),
  relay_p99: (now) => span(now.relay.p99),
  slow_consumers: (now) => count(now.slow_consumers),
  outbox: (now) => bytes(now.outbox_bytes),
  store_waiting: (now) => count(now.store_waiting),
  uptime: (now) => span(now.uptime_seconds),
};

let tiles, charts, tables, events;

export function build() {
  tiles = Object.keys(TILES).map((key) => [key, el('dd', { id: `now-${key}` }, '–')]);
  const cards = tiles.map(([key, value]) => el('div', { class: 'tile' }, value, el('dt', {}, t(key))));
  by('live').append(el('dl', { class: 'tiles' }, ...cards));
  charts = [
    drawn('flow', [['lines', '--accent'], ['matches', '--second']], rate, (now) => [now.lines.a_second, now.matches.a_second]),
    drawn('people', [['sessions', '--accent'], ['joined', '--second'], ['talks', '--third']], count, (now) => [now.sessions, now.joined, now.talks]),
    drawn('relay', [['p50', '--accent'], ['p99', '--second']], span, (now) => [now.relay.p50, now.relay.p99]),
    drawn('match_wait', [['p50', '--accent'], ['p99', '--second']], span, (now) => [longest(now, 'p50'), longest(now, 'p99')]),
    drawn('waiting', [['slots', '--accent']], count, (now) => [now.waiting.reduce((sum, one) => sum + one.slots, 0)]),
    drawn('store_took', [['p99', '--third']], span, (now) => [most(now.store.map((op) => op.p99))]),
  ];
  tables = [
    listed('waiting', 'half', [['pair', ''], ['slots', 'n'], ['oldest', 'n'], ['p50', 'n'], ['p90', 'n'], ['p99', 'n']],
      (now) => now.waiting.map((one) => [one.pair, count(one.slots), span(one.slots ? one.oldest_seconds : null), ...spread(one.waited)])),
    listed('cores', 'half', [['core', ''], ['sessions', 'n'], ['share', ''], ['frames', 'n'], ['exhausted', 'n']], cores),
    listed('relay', 'half', [['count', 'n'], ['p50', 'n'], ['p90', 'n'], ['p99', 'n'], ['p999', 'n']],
      (now) => [[count(now.relay.count), ...spread(now.relay), span(now.relay.p999)]]),
    listed('store', 'half', [['op', ''], ['total', 'n'], ['p50', 'n'], ['p90', 'n'], ['p99', 'n']],
      (now) => now.store.filter((op) => op.total).map((op) => [op.op, count(op.total), ...spread(op)])),
    listed('errors', 'half', [['error', ''], ['total', 'n'], ['a_second', 'n']],
      (now) => now.errors.map((one) => [one.error, count(one.total), rate(one.a_second)])),
    listed('sms', 'half', [['gateway', ''], ['result', ''], ['total', 'n']],
      (now) => now.sms.map((one) => [one.gateway, one.result, count(one.total)])),
  ];
}

const spread = (times) => [times.p50, times.p90, times.p99].map(span);
const most = (values) => values.reduce((top, value) => (value != null && (top == null || value > top) ? value : top), null);
const longest = (now, share) => most(now.waiting.map((one) => one.waited[share]));

function drawn(title, series, write, values) {
  const place = el('div');
  by('live').append(card(t(`chart_${title}`), 'third', place));
  const plot = chart(place, series.map(([key, color]) => [t(key), color]), write);
  return { push: (now) => plot.push(now.time_at, values(now)) };
}

function listed(title, kind, columns, rows) {
  const made = table(columns.map(([key, cell]) => [t(key), cell]), t(`table_${title}`));
  by('live').append(card(t(`table_${title}`), kind, made.whole));
  return (now) => made.fill(rows(now));
}

const meters = [];
function cores(now) {
  const top = Math.max(1, ...now.cores.map((core) => core.sessions));
  return now.cores.map((core, at) => {
    meters[at] ??= el('meter', { min: 0, 'aria-label': t('share') });
    meters[at].max = top;
    meters[at].value = core.sessions;
    return [core.core, count(core.sessions), meters[at], rate(core.frames.a_second), count(core.buffers_exhausted)];
  });
}

function show(now) {
  phase(now.phase);
  tiles.forEach(([key, place]) => put(place, TILES[key](now)));
  charts.forEach((one) => one.push(now));
  if (!document.hidden && !by('live').hidden) tables.forEach((fill) => fill(now));
}

export function phase(name) {
  put(by('phase'), t(name));
  by('phase').className = `phase ${name}`;
}

/** Listens; `lost` is called when the server lets nobody listen any more. */
export function listen(lost) {
  events?.close();
  events = new EventSource('events');
  events.addEventListener('stats', (event) => show(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    phase('lost');
    if (events.readyState === EventSource.CLOSED) lost();
  });
}

export const hush = () => events?.close();
