import OpenAI from 'openai';
import { wellFormed } from '../lib/well-formed.ts';
import type { ChatCompletionCreateParamsStreaming, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { textOf } from './content.ts';
import type { Piece } from './reply.ts';
import type { Token } from './token.ts';

export type ChatMessage = { readonly role: 'user' | 'assistant'; readonly content: string };

// The SDK describes itself in these headers. A gateway's CORS rules need not allow them, and then the browser
// would block every request, so they are switched off.
const SDK_HEADERS_OFF = Object.fromEntries(
  [
    'User-Agent',
    'X-Stainless-Lang',
    'X-Stainless-Package-Version',
    'X-Stainless-OS',
    'X-Stainless-Arch',
    'X-Stainless-Runtime',
    'X-Stainless-Runtime-Version',
    'X-Stainless-Retry-Count',
    'X-Stainless-Timeout',
    'X-Stainless-Helper-Method',
  ].map((name) => [name, null]),
);

/** The official SDK, as it talks to a gateway that knows nothing of it. */
export function clientFor(token: Token): OpenAI {
  return new OpenAI({
    baseURL: `${token.baseUrl.replace(/\/+$/, '')}/v1`,
    apiKey: token.token,
    dangerouslyAllowBrowser: true,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: SDK_HEADERS_OFF,
  });
}

export interface CompletionRequest {
  readonly threadId: string;
  readonly messages: readonly ChatMessage[];
}

/** Streams a reply from the gateway. */
export async function* streamCompletion(
  token: Token,
  { threadId, messages }: CompletionRequest,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  // Without a model the project's default answers; the SDK's type insists on one.
  const said = messages.map(({ role, content }) => ({ role, content: wellFormed(content) }));
  const body = { messages: said as ChatCompletionMessageParam[], stream: true } as ChatCompletionCreateParamsStreaming;
  const headers = { 'X-Session-Id': token.sessionId, 'X-Thread-Id': threadId };
  const stream = await clientFor(token).chat.completions.create(body, { signal, headers });
  for await (const chunk of stream) yield* pieceOf(chunk);
}

/** What a chunk adds to the reply; some servers send others in between, which add nothing. */
export function pieceOf(chunk: unknown): Piece[] {
  const choice = (chunk as { choices?: [Choice?] } | null)?.choices?.[0];
  return choice ? [{ text: textOf(choice.delta?.content), finished: Boolean(choice.finish_reason) }] : [];
}

interface Choice {
  readonly delta?: { readonly content?: unknown };
  readonly finish_reason?: unknown;
}
