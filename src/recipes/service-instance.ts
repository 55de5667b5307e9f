import type { Stat } from '../client/index.ts';

/** What a service says about itself: where it is, and whatever else JSON can hold. */
export interface ServiceDescription {
  /** Where it is reached, such as `10.0.0.7:8080`. */
  readonly address: string;
  /** Whatever else others should know, as far as JSON can hold it. */
  readonly [metadata: string]: unknown;
}

/** A service that is registered. */
export interface ServiceInstance {
  /** Name of its node: unique among the instances of a service. */
  readonly name: string;
  /** Where it is reached. */
  readonly address: string;
  /** Everything else that it said about itself. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Session that it is registered in; 0n when the node was not made to go with a session. */
  readonly sessionId: bigint;
  /** Zxid of the last change of its node: what differs when it has said something else. */
  readonly zxid: bigint;
}

/** What a node's data is for a description. */
export function encodeDescription(description: ServiceDescription): string {
  return JSON.stringify(description);
}

/**
 * An instance from its node. Nodes of others are understood too: data that is no object with an
 * address is the address, and without data the name is.
 */
export function instanceOf(name: string, data: Buffer | null, stat: Stat): ServiceInstance {
  const { address, ...metadata } = descriptionOf(data?.toString() ?? '') ?? { address: name };
  return { name, address, metadata, sessionId: stat.ephemeralOwner, zxid: stat.mzxid };
}

function descriptionOf(text: string): ServiceDescription | null {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (isDescription(value)) return value;
  } catch {
    // Not one of ours.
  }
  return { address: text };
}

function isDescription(value: unknown): value is ServiceDescription {
  return (
    typeof value === 'object' &&
    value !== null &&
    'address' in value &&
    typeof value.address === 'string'
  );
}
