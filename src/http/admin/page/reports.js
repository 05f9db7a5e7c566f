// The queue of what users, and the word list, have reported.
import { drop, get, part, post } from './api.js';
import { button, by, el, field, say, sure } from './dom.js';
import { when } from './form.js';
import { link } from './users.js';
import { t } from './words.js';

let state, list, more, last;

export function build() {
  state = el('select', { id: 'report-state', onchange: () => load().catch(failed) },
    ...['open', 'resolved', 'all'].map((key) => el('option', { value: key }, t(key))));
  list = el('div', { id: 'report-list', class: 'cards' });
  more = button(t('more'), '', () => page(last).catch(failed));
  by('reports').append(el('div', { class: 'card row' }, field(t('show'), state)), list, el('div', { class: 'card', hidden: true }, more));
}

const failed = (error) => say(error.message);

export async function load() {
  list.replaceChildren();
  await page();
}

async function page(before) {
  const reply = await get(`reports?state=${state.value}&limit=20${before ? `&before=${before}` : ''}`);
  badge(reply.open);
  list.append(...reply.reports.map(shown));
  if (!list.childElementCount) list.append(el('p', { class: 'card none' }, t('none')));
  last = reply.reports.at(-1)?.id;
  more.parentElement.hidden = reply.reports.length < 20;
}

/** How many are open, beside the link to them. */
export async function peek() {
  badge((await get('reports?limit=1')).open);
}

function badge(open) {
  by('open-reports').hidden = open === 0;
  by('open-reports').textContent = open;
}

function shown(one) {
  const head = el('div', { class: 'head' }, el('strong', {}, t(`kind_${one.kind}`)),
    one.whom ? el('span', {}, `${t('whom')}: `, link(one.whom)) : null,
    el('span', { class: 'soft' }, one.by ? `${t('by')}: ` : t('by_list'), one.by ? link(one.by) : ''),
    el('span', { class: 'soft' }, when(one.time_at)));
  const about = one.kind === 'user' ? null : el('p', { class: 'soft' }, `#${one.about}`);
  return el('article', { class: 'card' }, head, el('p', {}, one.reason), about, picture(one), evidence(one.evidence), dealt(one));
}

const picture = (one) => (one.picture_content
  ? el('img', { class: 'evidence', src: one.picture_content, alt: t('kind_picture'), loading: 'lazy' }) : null);

function evidence(talk) {
  if (!talk) return null;
  const lines = (talk.lines ?? []).map((line) => el('li', {}, el('b', {}, line.from), line.text));
  const times = `${when(talk.began_at)} – ${when(talk.ended_at)}`;
  return el('div', {}, el('p', {}, talk.by ?? '', ' ↔ ', talk.with ? link(talk.with) : '', ' ', el('span', { class: 'soft' }, times)),
    lines.length ? el('ol', { class: 'said' }, ...lines) : null);
}

function dealt(one) {
  if (one.state !== 'open') return el('p', { class: 'soft' }, `${t('resolved')} ${when(one.resolved_at)} ${one.outcome}`);
  const outcome = el('input', { maxlength: 200 });
  const act = async (request) => {
    try {
      await request;
      await load();
    } catch (error) { failed(error); }
  };
  const away = (path, question) => button(t('remove'), 'danger', async () => {
    if (await sure(t(question, one.about), t('remove'))) await act(drop(path));
  });
  return el('form', { class: 'row', onsubmit: (event) => {
    event.preventDefault();
    act(post(`reports/${one.id}/resolve`, { outcome: outcome.value }));
  } }, field(t('outcome'), outcome), el('button', { class: 'main' }, t('resolve')),
  one.kind === 'picture' ? away(`pictures/${part(one.about)}`, 'sure_picture') : null,
  one.kind === 'comment' ? away(`comments/${part(one.about)}`, 'sure_comment') : null);
}
