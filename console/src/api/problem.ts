import type { components } from './schema.ts';

type Problem = components['schemas']['Problem'];

/** What the server, or the way to it, had against a request. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { path: string; message: string }[];
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail ?? '';
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

export async function errorOf(response: Response): Promise<ApiError> {
  const retry = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : undefined;
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError({ ...problem, status: response.status }, retryAfter);
  } catch {
    // Not ours: a proxy between, perhaps.
    const title = `The server answered ${response.status}`;
    return new ApiError({ type: 'about:blank', title, status: response.status }, retryAfter);
  }
}

export function unreachable(): ApiError {
  return new ApiError({
    type: 'about:blank',
    title: 'The server cannot be reached',
    detail: 'It may be restarting. This page goes on by itself as soon as it answers.',
    status: 0,
  });
}

export function isApiError(error: unknown, status?: number): error is ApiError {
  return error instanceof ApiError && (status === undefined || error.status === status);
}

/** What a page refuses by itself, in words for the person. */
export class Refusal extends Error {
  constructor(words: string) {
    super(words);
    this.name = 'Refusal';
  }
}
