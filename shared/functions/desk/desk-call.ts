import type { Call } from '../../core/define-function';

/** What the desk reaches WeChat by. */
export const deskCalls = ['sendCustomMessage', 'uploadTempMedia', 'getTempMedia'] as const;

/** A call of the desk, by one of its people. */
export interface DeskCall extends Call<(typeof deskCalls)[number]> {
  /** The openid of who calls. */
  readonly me: string;
}
