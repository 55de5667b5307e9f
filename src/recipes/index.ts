/// <reference types="node" preserve="true" />
/** `zkwire/recipes`: what is made of ZooKeeper's operations again and again, made once. */
export { ServiceError } from '../errors.ts';
export {
  type RegisterOptions,
  Registration,
  type RegistrationEvent,
  register,
} from './registration.ts';
export type { ServiceDescription, ServiceInstance } from './service-instance.ts';
export {
  discover,
  type Selection,
  ServiceWatcher,
  type WatchServiceOptions,
  watchService,
} from './service-watcher.ts';
