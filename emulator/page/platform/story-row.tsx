import { useState } from 'preact/hooks';
import { Confirm } from '../confirm';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import { strings } from '../strings';

/** What a file holds that may be a story. */
interface StoryFile {
  readonly title: string;
  /** `undefined` where it is no JSON. */
  readonly story: unknown;
}

/** What was done so far, kept as a file; and a file played from the beginning. */
export function StoryRow({ actions }: { actions: Actions }) {
  const t = useText();
  const [asked, setAsked] = useState<StoryFile>();
  const [playing, setPlaying] = useState(false);
  const save = async () => {
    const story = await actions.story();
    if (story === undefined) return;
    const at = new Date().toISOString().slice(0, 16).replace('T', ' ');
    download(`kefu-story-${at.replace(/\D/g, '')}.json`, JSON.stringify({ ...story, story: at }, null, 2));
  };
  const choose = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (file !== undefined) setAsked(readFile(file.name, await file.text()));
    // Emptied, so that the same file can be chosen again.
    input.value = '';
  };
  const play = async (story: unknown) => {
    setPlaying(true);
    await actions.playStory(story);
    setPlaying(false);
  };
  return (
    <div class="story" title={t(strings.storyHint)}>
      <span class="legend">{t(strings.story)}</span>
      <button type="button" onClick={() => void save()}>
        {t(strings.storySave)}
      </button>
      <label class={playing ? 'button upload disabled' : 'button upload'}>
        {t(playing ? strings.storyPlaying : strings.storyPlay)}
        <input
          type="file"
          accept=".json,application/json"
          disabled={playing}
          onChange={(event) => void choose(event.currentTarget)}
        />
      </label>
      {asked !== undefined && (
        <Confirm
          title={t(asked.story === undefined ? strings.noStory : strings.storyPlayAsk, {
            story: asked.title,
          })}
          action={t(strings.storyPlay)}
          onConfirm={() => void play(asked.story ?? {})}
          onClose={() => setAsked(undefined)}
        >
          {t(strings.resetHint)}
        </Confirm>
      )}
    </div>
  );
}

function readFile(name: string, text: string): StoryFile {
  try {
    const story = JSON.parse(text) as { readonly story?: unknown };
    return { title: typeof story.story === 'string' && story.story !== '' ? story.story : name, story };
  } catch {
    return { title: name, story: undefined };
  }
}

/** Has the browser save a file. */
function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
