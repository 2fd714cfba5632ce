import type { Conversation } from './contract';

/** Times and windows, as the desk shows them. */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** A duration, counted: `0:07`, `12:30`, `3:04:05`; days before that. Never below zero. */
export function counted(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** When something was: the time of a day, with the date where it was not today, in the phone's own zone. */
export function clockTime(at: number, now: number): string {
  const then = new Date(at);
  const today = new Date(now);
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const isToday = then.toDateString() === today.toDateString();
  const date = `${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  const year = then.getFullYear() === today.getFullYear() ? '' : `${then.getFullYear()}-`;
  return isToday ? time : `${year}${date} ${time}`;
}

/** What may be done with a reply window now: `over` when its time is, `full` when its messages are used up. */
export type WindowState = 'never' | 'over' | 'full' | 'open';

/** What is left of a reply window. */
export function windowOf({ remaining, closesAt }: Conversation['window'], now: number) {
  const state: WindowState =
    closesAt === 0 ? 'never' : closesAt <= now ? 'over' : remaining <= 0 ? 'full' : 'open';
  return { state, remaining: state === 'open' ? remaining : 0, leftMs: Math.max(0, closesAt - now) };
}

/** A window's last hour, or its last message: a word of warning is due. */
export function isScarce({ remaining, closesAt }: Conversation['window'], now: number): boolean {
  const { state, leftMs } = windowOf({ remaining, closesAt }, now);
  return state !== 'open' || remaining === 1 || leftMs < hourMs;
}

/** The day of a moment in China, such as `2026-11-21`; with a shift in days. */
export function chinaDay(at: number, shiftDays = 0): string {
  return new Date(at + 8 * hourMs + shiftDays * dayMs).toISOString().slice(0, 10);
}

/** What a user is called where nothing but its openid is known. */
export function shortName(touser: string): string {
  return touser.slice(-6);
}
