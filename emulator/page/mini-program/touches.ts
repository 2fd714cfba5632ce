import { Event as PageEvent } from 'glass-easel';
import type { Screen } from './backend';

type OnEvent = Parameters<Screen['onEvent']>[0];

/** How long a finger rests until that is a long press, in milliseconds, and how far it may move meanwhile. */
const longPressMs = 350;
const longPressDistance = 10;

/** Hands what the browser tells of mouse and fingers to the page, as WeChat's events. */
export function followTouches(screen: Screen): void {
  let pressed = false;
  const tell: OnEvent = (target, type, detail, options) => {
    if (type === 'tap' && pressed) {
      pressed = false;
      return undefined;
    }
    const event = new PageEvent(type, detail, {
      ...options,
      extraFields: touchesOf((options as { readonly originalEvent?: unknown }).originalEvent),
    });
    PageEvent.dispatchEvent(target, event);
    return event.getEventBubbleStatus();
  };
  screen.onEvent(tell);

  let resting: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  addEventListener('pointerdown', (event) => {
    const listener = screen.longPressListenerAt(event.target);
    clearTimeout(resting);
    pressed = false;
    if (listener === undefined) return;
    from = { x: event.clientX, y: event.clientY };
    resting = setTimeout(() => {
      pressed = true;
      tell(listener, 'longpress', from, {
        originalEvent: event,
        bubbles: true,
        composed: true,
        capturePhase: true,
      });
    }, longPressMs);
  });
  addEventListener('pointermove', ({ clientX, clientY }) => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > longPressDistance) clearTimeout(resting);
  });
  for (const name of ['pointerup', 'pointercancel', 'scroll'])
    addEventListener(name, () => clearTimeout(resting), { capture: true });
}

/** The fingers of an event, a mouse being one: where they are on the page. */
function touchesOf(event: unknown): { [field: string]: unknown } {
  const [touches, changed] = fingersOf(event);
  return { touches: touches.map(describe), changedTouches: changed.map(describe) };
}

type Finger = Pick<Touch, 'identifier' | 'clientX' | 'clientY'> & { readonly target: EventTarget | null };

function fingersOf(event: unknown): readonly [readonly Finger[], readonly Finger[]] {
  if (typeof TouchEvent !== 'undefined' && event instanceof TouchEvent)
    return [[...event.touches], [...event.changedTouches]];
  if (!(event instanceof MouseEvent)) return [[], []];
  const { clientX, clientY, target } = event;
  const finger = { identifier: 0, clientX, clientY, target };
  return [event.type === 'mouseup' ? [] : [finger], [finger]];
}

function describe({ identifier, clientX, clientY, target }: Finger) {
  const element = target instanceof Element ? target : document.body;
  const top = element.closest('.page')?.getBoundingClientRect().top ?? 0;
  const canvas = element.closest('wx-canvas')?.getBoundingClientRect();
  const y = clientY - top;
  return {
    identifier,
    clientX,
    clientY: y,
    pageX: clientX,
    pageY: y,
    // On a canvas, where on the canvas.
    x: canvas === undefined ? clientX : clientX - canvas.left,
    y: canvas === undefined ? y : clientY - canvas.top,
  };
}
