// How figures and times are written.
import { language } from './words.js';

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

export const count = (number) => whole.format(number);
export const rate = (number) => (number < 100 ? short : whole).format(number);
export const when = (at) => (at == null ? '' : time.format(new Date(at * 1000)));

/** Seconds, as long or short as they are. */
export function span(seconds) {
  if (seconds == null) return '–';
  if (seconds === 0) return '0';
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds < 100) return `${seconds.toPrecision(3)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

export function bytes(number) {
  if (number < 1e3) return `${number} B`;
  return number < 1e6 ? `${(number / 1e3).toPrecision(3)} kB` : `${(number / 1e6).toPrecision(3)} MB`;
}
