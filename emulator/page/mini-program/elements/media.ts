import { addressOf } from '../files';
import type { BuiltIn, Given } from './register';

const picture: BuiltIn = { properties: { src: String, mode: String, alt: String }, create: image };

/** Elements with a picture, a sound or a canvas. */
export const mediaElements = {
  image: picture,
  'cover-image': picture,
  video: {
    properties: {
      src: String,
      controls: { type: Boolean, value: true },
      autoplay: Boolean,
      loop: Boolean,
      muted: Boolean,
      title: String,
    },
    create: (given) => player(given, 'video'),
  },
  audio: {
    properties: { src: String, controls: { type: Boolean, value: true }, loop: Boolean },
    create: (given) => player(given, 'audio'),
  },
  canvas: {
    create: ({ host }) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, {
        createImage: () => new Image(),
        requestAnimationFrame: (draw: FrameRequestCallback) => requestAnimationFrame(draw),
        cancelAnimationFrame: (id: number) => cancelAnimationFrame(id),
      });
      host.append(canvas);
    },
  },
} satisfies { readonly [name: string]: BuiltIn };

/** How a picture fills its element, by WeChat's word for it. */
const fits: { readonly [mode: string]: string } = {
  scaleToFill: 'fill',
  aspectFit: 'contain',
  aspectFill: 'cover',
  widthFix: 'fill',
  heightFix: 'fill',
};

function image({ host, props, emit }: Given): () => void {
  const picture = document.createElement('img');
  picture.draggable = false;
  picture.addEventListener('load', () => {
    const { naturalWidth: width, naturalHeight: height } = picture;
    emit('load', { width, height });
  });
  picture.addEventListener('error', () => {
    if (picture.src !== '') emit('error', { errMsg: `cannot load ${String(props['src'])}` });
  });
  host.append(picture);
  let shown = '';
  return () => {
    const { src, mode, alt, ariaLabel } = props;
    const address = addressOf(String(src ?? ''));
    picture.alt = String(alt ?? ariaLabel ?? '');
    picture.style.objectFit = fits[String(mode || 'scaleToFill')] ?? 'none';
    host.setAttribute('mode', String(mode ?? ''));
    if (address === shown) return;
    shown = address;
    if (address === '') picture.removeAttribute('src');
    else picture.src = address;
  };
}

function player({ host, props, emit }: Given, kind: 'video' | 'audio'): () => void {
  const media = document.createElement(kind);
  for (const event of ['play', 'pause', 'ended', 'error'])
    media.addEventListener(event, () => emit(event, {}));
  media.addEventListener('timeupdate', () =>
    emit('timeupdate', { currentTime: media.currentTime, duration: media.duration }),
  );
  media.preload = 'metadata';
  host.append(media);
  let shown = '';
  return () => {
    const { src, controls, autoplay, loop, muted, ariaLabel, title } = props;
    media.controls = controls !== false;
    media.loop = loop === true;
    media.muted = muted === true;
    media.autoplay = autoplay === true;
    media.setAttribute('aria-label', String(ariaLabel ?? title ?? ''));
    const address = addressOf(String(src ?? ''));
    if (address !== shown) media.src = address;
    shown = address;
  };
}
