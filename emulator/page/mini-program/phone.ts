/** What happens on a phone beyond the page that is drawn: where its elements and `wx` hand over to. */
export interface PhoneActions {
  /** Opens a page, as `wx.navigateTo` and the like do; `how` is the function's name. */
  open(how: string, options: { readonly url?: string; readonly delta?: number }): Promise<unknown>;
  /** The user went to the customer-service conversation. */
  contact(sessionFrom: string): void;
  /** Shows what went wrong in a line. */
  complain(error: unknown): void;
}

/** The one phone of this document. Its actions are there once the mini program has started. */
export const phone: PhoneActions = {
  open: () => Promise.reject(new Error('the mini program has not started')),
  contact: () => undefined,
  complain: (error) => console.error(error),
};

/** Whose phone it is. */
export const openid: string = new URLSearchParams(location.search).get('openid') ?? '';

/** Whether it is shown as a window of WeChat for desks. */
export const isDesk: boolean = new URLSearchParams(location.search).get('form') === 'desk';
