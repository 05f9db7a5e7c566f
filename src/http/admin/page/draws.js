// Lucky draws: made, closed and decided.
import { get, part, post } from './api.js';
import { button, by, card, el, field, say, sure } from './dom.js';
import { count, when } from './form.js';
import { link } from './users.js';
import { t } from './words.js';

let list;

export function build() {
  const input = (id, keys) => el('input', { id: `draw-${id}`, name: id, ...keys });
  const rule = el('select', { id: 'draw-rule', name: 'rule' }, ...['concat', 'sha256'].map((name) => el('option', {}, name)));
  const form = el('form', { id: 'new-draw', class: 'row', onsubmit: create },
    field(t('id'), input('id', { required: true, maxlength: 64 })),
    field(t('name'), input('name', { required: true })),
    field(t('max_count'), input('max_count', { type: 'number', min: 1, required: true })),
    field(t('rule'), rule),
    field(t('image'), input('image', {})),
    field(t('desc'), input('desc', {})),
    el('label', { class: 'box' }, input('auto_close', { type: 'checkbox' }), t('auto_close')),
    el('button', { class: 'main' }, t('create')));
  list = el('div', { id: 'draw-list', class: 'cards' });
  by('draws').append(card(t('new_draw'), '', form), list);
}

async function create(event) {
  event.preventDefault();
  const form = event.target;
  const given = Object.fromEntries(new FormData(form));
  const body = { ...given, max_count: Number(given.max_count), auto_close: given.auto_close === 'on' };
  if (await act(post('lucky', body))) form.reset();
}

async function act(request) {
  try {
    const reply = await request;
    const share = reply.winnable_share;
    say(share == null ? t('done') : t('winnable', `${(share * 100).toFixed(2)} % (${count(reply.winnable_tickets)})`));
    await load();
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

export async function load() {
  const { lucky } = await get('lucky');
  const none = el('p', { class: 'card none' }, t('none'));
  list.replaceChildren(...(lucky.length ? lucky.map(shown) : [none]));
}

function shown(draw) {
  const path = `lucky/${part(draw.id)}`;
  const state = draw.drawn_at ? 'drawn' : draw.closed_at ? 'closed' : 'open';
  const head = el('div', { class: 'head' }, el('strong', {}, draw.name), el('span', { class: 'soft' }, `${draw.id} · ${draw.rule}`),
    el('span', {}, t(state)), el('span', { class: 'soft' }, when(draw.drawn_at ?? draw.closed_at)));
  const filled = el('div', { class: 'filled' }, el('meter', { min: 0, max: draw.max_count, value: draw.current_count, 'aria-label': t('tickets') }),
    el('span', {}, `${count(draw.current_count)} / ${count(draw.max_count)}`));
  return el('article', { class: 'card', 'data-draw': draw.id }, head, el('p', {}, draw.desc), filled, ...next(draw, path));
}

/** What can be done with it, or what came of it. */
function next(draw, path) {
  if (draw.drawn_at) {
    return [el('p', { class: 'gap' }, `${draw.numbers.join(' ')} · ${t('winner')}: `, el('b', {}, `${draw.winner_number} `), link(draw.winner)), frozen(draw)];
  }
  if (draw.closed_at) return [frozen(draw), drawing(draw, path)];
  if (draw.current_count < draw.max_count) return [];
  return [el('div', { class: 'row gap' }, button(t('close'), 'main', async () => {
    if (await sure(t('sure_close', draw.id), t('close'))) await act(post(`${path}/close`));
  }))];
}

const frozen = (draw) => el('p', { class: 'soft wrap' }, el('a', { href: `../lucky/${part(draw.id)}/tickets`, target: '_blank', rel: 'noopener' }, t('tickets')),
  ` sha256 ${draw.tickets_sha256}`);

function drawing(draw, path) {
  const numbers = el('input', { inputmode: 'numeric', placeholder: '1 12 23 34 39', required: true, name: 'numbers' });
  return el('form', { class: 'row', onsubmit: async (event) => {
    event.preventDefault();
    const five = numbers.value.split(/[\s,]+/).filter(Boolean).map(Number);
    if (await sure(t('sure_draw', `${draw.id}: ${five.join(' ')}`), t('draw'))) await act(post(`${path}/draw`, { numbers: five }));
  } }, field(t('numbers'), numbers), el('button', { class: 'main' }, t('draw')));
}
