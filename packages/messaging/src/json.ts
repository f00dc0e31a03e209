/**
 * What a message can hold. An integer beyond 2^53 arrives as bigint and leaves as digits;
 * Python's `NaN` and `Infinity`, which are not JSON, arrive as the numbers that they name.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}
