/** What a configuration forgives in messages that break the rules: the degrees that the plan and src/http1/repair.ts speak of. */

export const FORGIVES_NOTHING = 0;
/** accept-invalid-http-request and -response. */
export const FORGIVES_INVALID = 1;
/** accept-unsafe-violations-in-http-request and -response: also WebSocket without keys, and several `chunked`. */
export const FORGIVES_UNSAFE = 2;
