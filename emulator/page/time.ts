import { type Language, languageTags } from './strings';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The gap after which WeChat puts the time between two messages, in milliseconds. */
export const separatorGapMs = 5 * minute;

const pad = (value: number) => String(value).padStart(2, '0');

/** `09:57`, in this machine's time zone. */
export function hourAndMinute(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** `09:57:03`. */
export function timeOfDay(at: number): string {
  return `${hourAndMinute(at)}:${pad(new Date(at).getSeconds())}`;
}

/** `11月21日` or `Nov 21`. */
export function dayOf(at: number, language: Language): string {
  return new Intl.DateTimeFormat(languageTags[language], { month: 'short', day: 'numeric' }).format(at);
}

/** The time as it stands between messages: with its day, where that is not today. */
export function separatorTime(at: number, now: number, language: Language): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return sameDay ? hourAndMinute(at) : `${dayOf(at, language)} ${hourAndMinute(at)}`;
}

/** What is left of a time, as `47:59:12` or `0:42`. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.floor(ms / second));
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** A length of time in its largest units, as `+48 h 15 s`. */
export function plusTime(ms: number): string {
  const left = Math.round(ms / second) * second;
  const parts = [
    { size: hour, unit: 'h', amount: Math.floor(left / hour) },
    { size: minute, unit: 'min', amount: Math.floor(left / minute) % 60 },
    { size: second, unit: 's', amount: Math.floor(left / second) % 60 },
  ].filter(({ amount }) => amount > 0);
  return `+${parts.map(({ amount, unit }) => `${amount} ${unit}`).join(' ') || '0 s'}`;
}
