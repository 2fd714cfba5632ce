/**
 * Files that the local WeChat has from the start, so that every example can be sent at once: `MEDIA_ID` and
 * `THUMB_MEDIA_ID`, the names that WeChat's own documents use. They never expire.
 */

/** A picture of 64 × 64 points, a white disc on WeChat's green, as PNG. */
export const samplePng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAlUlEQVR42u3ZwRHDMAgEQP3cZlpNZaQF25ElwHtDAexP4sbx/ZSe' +
    'AQAAAAAAAAAAMGviXDIC4nqyAOK/bAbEjOwBxOwsBcQzWQSIJwOwdfsbhpFt+6uGNwFibQC2bn/eAAAAAAAAAAAA4DldAuBLmQBQ' +
    '/irhsJUDUP422uE63aEfaNLQdOjImrSUim4AAAAAAACAgvMD7Mhqd63x9xsAAAAASUVORK5CYII=',
  'base64',
);

interface SampleMedia {
  readonly type: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const picture: SampleMedia = { type: 'image', contentType: 'image/png', bytes: samplePng };

export const sampleMedia: { readonly [mediaId: string]: SampleMedia | undefined } = {
  MEDIA_ID: picture,
  THUMB_MEDIA_ID: picture,
};
