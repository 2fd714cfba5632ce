import type { BuiltIn, Given } from './register';

/** An element that is its style and what is in it. */
const plain: BuiltIn = {};

/** Elements that hold others. */
export const viewElements = {
  view: plain,
  'cover-view': plain,
  'root-portal': plain,
  'movable-area': plain,
  'movable-view': plain,
  'match-media': plain,
  'page-meta': plain,
  'scroll-view': {
    properties: {
      scrollX: Boolean,
      scrollY: Boolean,
      scrollTop: null,
      scrollLeft: null,
      scrollIntoView: String,
      scrollWithAnimation: Boolean,
      upperThreshold: Number,
      lowerThreshold: Number,
      enableFlex: Boolean,
    },
    create: scroll,
  },
  swiper: plain,
  'swiper-item': plain,
} satisfies { readonly [name: string]: BuiltIn };

/** How near an end counts as there, in pixels, where the template does not say. */
const usualThreshold = 50;

function scroll({ host, props, emit }: Given): () => void {
  let upper = true;
  let lower = false;
  host.addEventListener('scroll', () => {
    const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight } = host;
    emit('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth });
    const isUpper = scrollTop <= (Number(props['upperThreshold']) || usualThreshold);
    const isLower =
      scrollHeight - clientHeight - scrollTop <= (Number(props['lowerThreshold']) || usualThreshold);
    if (isUpper && !upper) emit('scrolltoupper', { direction: 'top' });
    if (isLower && !lower) emit('scrolltolower', { direction: 'bottom' });
    upper = isUpper;
    lower = isLower;
  });
  const done: { [name: string]: unknown } = {};
  /** Whether an attribute has another value than when it was last acted on. */
  const isNew = (name: string) => {
    const { [name]: value } = props;
    const changed = done[name] !== value;
    done[name] = value;
    return changed && value !== undefined && value !== null && value !== '';
  };
  return () => {
    host.style.overflowX = props['scrollX'] === true ? 'auto' : 'hidden';
    host.style.overflowY = props['scrollY'] === true ? 'auto' : 'hidden';
    host.style.display = props['enableFlex'] === true ? 'flex' : '';
    const behavior = props['scrollWithAnimation'] === true ? 'smooth' : 'auto';
    const [isTop, isLeft, isInto] = [isNew('scrollTop'), isNew('scrollLeft'), isNew('scrollIntoView')];
    if (!isTop && !isLeft && !isInto) return;
    // What was set together with it is drawn by then.
    requestAnimationFrame(() => {
      if (isTop) host.scrollTo({ top: Number(props['scrollTop']), behavior });
      if (isLeft) host.scrollTo({ left: Number(props['scrollLeft']), behavior });
      const target =
        isInto && host.querySelector<HTMLElement>(`[id$="--${String(props['scrollIntoView'])}"]`);
      if (target)
        host.scrollTo({
          top: target.getBoundingClientRect().top - host.getBoundingClientRect().top + host.scrollTop,
          behavior,
        });
    });
  };
}
