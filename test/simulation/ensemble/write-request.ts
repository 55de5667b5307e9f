import type { ACL } from '../../../src/codec/records.gen.ts';

/** A request that becomes a transaction, as the leader sees it. */
export type WriteRequest =
  | {
      readonly kind: 'create';
      readonly op: number;
      readonly path: string;
      readonly data: Buffer | null;
      readonly acl: readonly ACL[] | null;
      readonly flags: number;
      readonly ttlMs: number;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'delete-container'; readonly path: string }
  | {
      readonly kind: 'set';
      readonly path: string;
      readonly data: Buffer | null;
      readonly version: number;
    }
  | {
      readonly kind: 'set-acl';
      readonly path: string;
      readonly acl: readonly ACL[] | null;
      readonly version: number;
    }
  | { readonly kind: 'check'; readonly path: string; readonly version: number }
  | { readonly kind: 'multi'; readonly steps: readonly WriteRequest[] }
  | { readonly kind: 'create-session' }
  | { readonly kind: 'close-session' }
  | { readonly kind: 'refused'; readonly err: number };
