// Users: found, looked at, kicked and banned.
import { drop, get, part, post } from './api.js';
import { button, by, card, el, field, say, sure, table } from './dom.js';
import { when } from './form.js';
import { t } from './words.js';

let found, one, sought;

export function build() {
  sought = el('input', { id: 'user-q', type: 'search', autocomplete: 'off' });
  found = table(['id', 'nickname', 'number', 'gender', 'registered', 'ban'].map((key) => [t(key), key === 'registered' || key === 'number' ? 'w' : '']), t('users'));
  one = el('div', { class: 'card half', id: 'user', hidden: true });
  const search = el('form', { class: 'row', onsubmit: (event) => { event.preventDefault(); load().catch(failed); } },
    field(t('user_q'), sought),
    el('button', { class: 'main' }, t('search')),
    button(t('this_id'), '', () => sought.value.trim() && open(sought.value.trim())));
  by('users').append(card('', '', search), card(t('found'), 'half', found.whole), one);
}

const failed = (error) => say(error.message);

export async function load() {
  const reply = await get(`users?q=${part(sought.value)}`);
  found.fill(reply.users.map((user) => [
    link(user.user_id), user.nickname, user.tel, user.gender, when(user.registered_at),
    user.ban ? until(user.ban) : '',
  ]));
}

export const until = (ban) => (ban.banned_until_at == null ? t('for_good') : when(ban.banned_until_at));

/** A user's id that leads to what is known of them. */
export const link = (id) => button(id, 'link', () => open(id));

export async function open(id) {
  try {
    await look(id);
    location.hash = 'users';
  } catch (error) { failed(error); }
}

const look = async (id) => show(await get(`users/${part(id)}`));

function show(user) {
  const known = user.user;
  const rows = [['id', user.user_id]];
  if (known) {
    rows.push(['nickname', known.nickname], ['number', known.tel], ['gender', known.gender], ['birthday', known.birthday],
      ['location', known.location], ['saying', known.words], ['registered', when(known.registered_at)]);
  } else rows.push(['registered', t('free_id')]);
  rows.push(['online', t(user.online ? 'yes' : 'no')]);
  const facts = rows.flatMap(([key, text]) => [el('dt', {}, t(key)), el('dd', {}, text)]);
  one.replaceChildren(el('h2', {}, t('user')), el('dl', { class: 'facts' }, ...facts),
    ...doing(user.live), ...banning(user), ...bans(user), ...reports(user));
  one.hidden = false;
}

function doing(live) {
  if (!live) return [];
  const talks = table([[t('talk_with'), ''], [t('nickname'), ''], [t('since'), 'w']], t('talks'));
  talks.fill(live.talks.map((talk) => [link(talk.user_id), talk.nickname, when(talk.began_at)]));
  const waits = live.waiting_since_at.map(when).join(', ') || '–';
  return [el('h2', {}, t('in_chat')),
    el('dl', { class: 'facts' }, el('dt', {}, t('nickname')), el('dd', {}, live.nickname),
      el('dt', {}, t('looks')), el('dd', {}, `${live.gender} → ${live.findGender}`),
      el('dt', {}, t('waiting_since')), el('dd', {}, waits)),
    talks.whole];
}

function banning(user) {
  const id = user.user_id;
  const times = [[3600, 'hour'], [86400, 'day'], [604800, 'week'], [2592000, 'month'], ['', 'for_good']];
  const how = el('select', { id: 'ban-for' }, ...times.map(([seconds, key]) => el('option', { value: seconds }, t(key))));
  const why = el('input', { id: 'ban-reason', maxlength: 200 });
  const what = el('select', { id: 'ban-what' }, el('option', { value: 'user_id' }, t('id')),
    user.user ? el('option', { value: 'tel' }, t('number')) : null);
  const act = async (event) => {
    event.preventDefault();
    const body = { reason: why.value, [what.value]: what.value === 'tel' ? user.user.tel : id };
    if (how.value) body.seconds = Number(how.value);
    await done(post('bans', body), 'banned', id);
  };
  return [el('form', { class: 'row gap', id: 'ban', onsubmit: act },
    field(t('ban_what'), what), field(t('ban_for'), how), field(t('reason'), why),
    el('button', { class: 'danger' }, t('do_ban')),
    el('button', { type: 'button', id: 'kick', onclick: async () => {
      if (await sure(t('sure_kick', id), t('kick'))) await done(post(`users/${part(id)}/kick`), 'kicked', id);
    } }, t('kick')))];
}

async function done(request, said, id) {
  try {
    await request;
    say(t(said, id));
    await Promise.all([look(id), load()]);
  } catch (error) { failed(error); }
}

function bans(user) {
  const made = banTable((ban) => done(drop(`bans/${ban.id}`), 'unbanned', user.user_id));
  made.fill(user.bans);
  return [el('h2', { class: 'gap' }, t('bans')), made.whole];
}

/** Bans, those that stand with a button that lifts them. */
export function banTable(lift) {
  const made = table([[t('whom'), ''], [t('since'), 'w'], [t('until'), 'w'], [t('reason'), ''], ['', 'n']], t('bans'));
  const fill = (bans) => made.fill(bans.map((ban) => [
    ban.user_id ? link(ban.user_id) : ban.tel, when(ban.since_at), until(ban), ban.reason,
    ban.lifted_at ? t('lifted') : button(t('unban'), '', () => lift(ban)),
  ]));
  return { whole: made.whole, fill };
}

function reports(user) {
  const made = table([[t('time'), 'w'], [t('kind'), ''], [t('reason'), ''], [t('outcome'), '']], t('reports'));
  made.fill(user.reports.map((one) => [when(one.time_at), t(`kind_${one.kind}`), one.reason,
    one.state === 'open' ? t('open') : one.outcome || t('resolved')]));
  return [el('h2', { class: 'gap' }, t('reports')), made.whole];
}
