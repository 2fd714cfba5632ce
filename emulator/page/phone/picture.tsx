import { useEffect, useState } from 'preact/hooks';
import { icons } from '../icons';
import { useText } from '../language';
import { strings } from '../strings';
import { isWebAddress } from './rich-text';

/** A picture that a message names; a drawing stands in where there is none, or it does not load. */
export function Picture({ source = '', alt }: { source: string | undefined; alt: string }) {
  const t = useText();
  // Where the local WeChat serves a media file, or a web address; anything else is no picture.
  const src = source.startsWith('/_emulator/') || isWebAddress(source) ? source : undefined;
  const [failed, setFailed] = useState(false);
  useEffect(() => setFailed(false), [src]);
  if (src === undefined || failed) {
    return (
      <span class="picture missing" role="img" aria-label={t(strings.noPicture)} title={source}>
        <icons.picture />
      </span>
    );
  }
  return (
    <img class="picture" src={src} alt={alt} referrerpolicy="no-referrer" onError={() => setFailed(true)} />
  );
}
