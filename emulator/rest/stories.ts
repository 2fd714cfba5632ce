import { readStory, StoryError } from '../story';
import { type Routes, readBody, refuse } from './route';

/** What was done here so far, as a story; and a story to be played from the beginning. */
export const storyRoutes = {
  'GET /story': (context, { stories }) => {
    const until = context.req.query('until');
    return stories.tell(until === undefined ? undefined : Number(until));
  },

  async 'POST /story'(context, { stories }) {
    const story = readStory(await readBody(context));
    if (typeof story === 'string') return refuse(context, story);
    try {
      const played = await stories.play(story);
      return { played: played.length };
    } catch (error) {
      if (error instanceof StoryError) return refuse(context, error.message);
      throw error;
    }
  },
} satisfies Routes;
