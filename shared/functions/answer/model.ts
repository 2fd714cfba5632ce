import type { MediaFormat } from '../../wechat/media';

/** A model, as an answer sees it: asked with what was said, it answers bit by bit. */

/** A tool that a model may call. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: object;
}

/** A call of a tool, as a model writes it. */
export interface ModelCall {
  readonly id: string;
  readonly name: string;
  /** JSON, or what a model takes for it. */
  readonly input: string;
}

/** A picture that a model is shown. */
export interface ModelPicture {
  readonly contentType: MediaFormat;
  readonly bytes: Uint8Array;
}

export type ModelMessage =
  | {
      readonly role: 'system' | 'user';
      readonly content: string;
      readonly pictures?: readonly ModelPicture[];
    }
  | { readonly role: 'assistant'; readonly content: string; readonly calls?: readonly ModelCall[] }
  | { readonly role: 'tool'; readonly id: string; readonly content: string };

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** When the answer must be whole, in milliseconds from now. */
  readonly withinMs: number;
  /** Ends the request from outside. */
  readonly signal: AbortSignal;
}

export type ModelPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ModelCall };

/** Why a model gave no answer. Its words never hold the key or what was said. */
export class ModelFailure extends Error {
  override readonly name: string;
  /** Whether the same request may be answered in a moment. */
  readonly retryable: boolean;

  constructor(why: 'Busy' | 'Refused' | 'Cut' | 'Late' | 'Nonsense' | 'NotSetUp', retryable = false) {
    super(why);
    this.name = `Model${why}`;
    this.retryable = retryable;
  }
}

/** Asks a model. Comes to its end when the answer is whole; throws a {@link ModelFailure} where it never is. */
export type AskModel = (request: ModelRequest) => AsyncIterable<ModelPart>;
