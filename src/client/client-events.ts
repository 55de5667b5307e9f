import type { EventEmitter } from 'node:events';
import { callGuarded, tellCallbackError } from '../callback-failures.ts';
import type { StateEvent, StateName } from '../session/index.ts';
import { stateChannel } from './diagnostics.ts';

/**
 * Events of a client: `state` for every {@link StateEvent}, and one by the name of each state.
 * There is no `error` event, so nothing has to be listened to.
 */
export type ClientEvents = { state: [event: StateEvent] } & {
  [Name in StateName]: [event: Extract<StateEvent, { readonly state: Name }>];
};

/**
 * Tells a state to `onState`, to listeners of `state`, to those of the state's own name, and to the
 * channel, in this order. Each listener is told, whatever another one throws.
 */
export function emitState(
  client: EventEmitter<ClientEvents>,
  event: StateEvent,
  onState: ((event: StateEvent) => unknown) | undefined,
  onCallbackError: (error: unknown, where: string) => void,
): void {
  const report = (error: unknown): void =>
    tellCallbackError(onCallbackError, error, `state ${event.state}`);
  const tell = (listener: (event: StateEvent) => unknown): void =>
    callGuarded(() => listener.call(client, event), report);
  if (onState !== undefined) tell(onState);
  for (const name of ['state', event.state] as const) {
    // Raw: those of `once` take themselves off when they are called.
    for (const listener of client.rawListeners(name)) {
      tell(listener as (event: StateEvent) => unknown);
    }
  }
  if (stateChannel.hasSubscribers) stateChannel.publish({ client, event });
}
