import type { ComponentChildren } from 'preact';

function Icon({ children, fill = false }: { children: ComponentChildren; fill?: boolean }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      fill={fill ? 'currentColor' : 'none'}
      stroke={fill ? 'none' : 'currentColor'}
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {children}
    </svg>
  );
}

/** The page's drawings, inline, so that nothing is loaded. All are decoration: what they mean stands in words. */
export const icons = {
  back: () => (
    <Icon>
      <path d="M15 5l-7 7 7 7" />
    </Icon>
  ),
  dots: () => (
    <Icon fill>
      <circle cx="5" cy="12" r="1.8" />
      <circle cx="12" cy="12" r="1.8" />
      <circle cx="19" cy="12" r="1.8" />
    </Icon>
  ),
  reload: () => (
    <Icon>
      <path d="M20 5v5h-5M4 19v-5h5M19 10a8 8 0 0 0-14-3M5 14a8 8 0 0 0 14 3" />
    </Icon>
  ),
  plus: () => (
    <Icon>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M12 7.5v9M7.5 12h9" />
    </Icon>
  ),
  play: () => (
    <Icon fill>
      <path d="M8 5.5v13l11-6.5z" />
    </Icon>
  ),
  wave: () => (
    <Icon>
      <path d="M7 10.5a3 3 0 0 1 0 3M10.5 8a7 7 0 0 1 0 8M14 5.5a11 11 0 0 1 0 13" />
    </Icon>
  ),
  note: () => (
    <Icon>
      <path d="M9 18V6l10-2v12" />
      <circle cx="6.5" cy="18" r="2.5" />
      <circle cx="16.5" cy="16" r="2.5" />
    </Icon>
  ),
  picture: () => (
    <Icon>
      <rect x="3.5" y="5" width="17" height="14" rx="2" />
      <circle cx="9" cy="10" r="1.6" />
      <path d="M4 17l5-4.5 4 3.5 3-2.5 4.5 4" />
    </Icon>
  ),
  link: () => (
    <Icon>
      <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5" />
    </Icon>
  ),
  miniprogram: () => (
    <Icon>
      <path d="M12 16.5a3 3 0 1 1-3-3M12 16.5v-9a3 3 0 1 1 3 3" />
    </Icon>
  ),
  ticket: () => (
    <Icon>
      <path d="M4 7h16v3.5a1.5 1.5 0 0 0 0 3V17H4v-3.5a1.5 1.5 0 0 0 0-3z" />
      <path d="M14 7v10" stroke-dasharray="1.5 2.5" />
    </Icon>
  ),
  user: () => (
    <Icon fill>
      <circle cx="12" cy="9" r="4.2" />
      <path d="M3.5 21c.8-4.6 4.2-6.8 8.5-6.8s7.7 2.2 8.5 6.8z" />
    </Icon>
  ),
  service: () => (
    <Icon>
      <path d="M5 13.5v-2a7 7 0 0 1 14 0v2" />
      <rect x="3.5" y="12.5" width="3.6" height="5.5" rx="1.6" />
      <rect x="16.9" y="12.5" width="3.6" height="5.5" rx="1.6" />
      <path d="M18.5 18c0 2-2 3-4.5 3" />
    </Icon>
  ),
  chat: () => (
    <Icon fill>
      <path d="M4 5h16a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 17h-8l-4.5 3.5V17H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 5z" />
    </Icon>
  ),
  place: () => (
    <Icon>
      <path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11z" />
      <circle cx="12" cy="10" r="2.4" />
    </Icon>
  ),
  close: () => (
    <Icon>
      <path d="M6 6l12 12M18 6L6 18" />
    </Icon>
  ),
  chevron: () => (
    <Icon>
      <path d="M9 6l6 6-6 6" />
    </Icon>
  ),
} as const;
