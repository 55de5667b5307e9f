import type { Scenario } from '../cases.ts';
import type { FaultTimes } from '../reset-proxy.ts';

/** What clients are connected to, and how it breaks. */
export interface FaultTarget {
  readonly connectString: string;
  /** Breaks what the client uses now. */
  inject(): Promise<FaultTimes>;
  /** Makes everything as it was. Resolves when that is so; called after each `inject`. */
  heal(): Promise<void>;
  /** When the service was there again after the last fault, on the clock of `systemMs`; null when it never was away. */
  backMs(): Promise<number | null>;
  /** Watches that the server holds; null when it cannot be asked. */
  watches(): Promise<number | null>;
  stop(): Promise<void>;
}

/** A text says why there is none. */
export async function openTarget(scenario: Scenario): Promise<FaultTarget | string> {
  // Loaded only when wanted: the null responder needs no ZooKeeper.
  if (scenario.target === 'null') {
    const { openNullTarget } = await import('./null-target.ts');
    return openNullTarget(scenario);
  }
  const { tryFindZooKeeper } = await import('../../../tools/zookeeper/index.ts');
  const installation = tryFindZooKeeper();
  if (installation instanceof Error) return installation.message.split('\n')[0] ?? 'none';
  if (scenario.cause === 'reset') {
    const { openResetTarget } = await import('./reset-target.ts');
    return openResetTarget(scenario);
  }
  if (scenario.cause === 'restart') {
    const { openRestartTarget } = await import('./restart-target.ts');
    return openRestartTarget();
  }
  const { openEnsembleTarget } = await import('./ensemble-target.ts');
  return openEnsembleTarget(scenario.cause);
}
