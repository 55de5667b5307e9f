import type { History } from '../ensemble/history.ts';
import type { ServiceHost, ToldList } from '../services/service-host.ts';
import { HELPER_TOPS } from '../workload/helper-paths.ts';
import { livesOf, secondOf } from './protected-lives.ts';
import { wasInstance } from './service-nodes.ts';
import type { Violations } from './violations.ts';

/** What users were told of services was so, and nobody is registered twice at a time. */
export function checkServices(
  history: History,
  hosts: readonly ServiceHost[],
  violations: Violations,
): void {
  for (const { handle, lists } of hosts) {
    const servicePath = handle.setup.chroot + HELPER_TOPS.service;
    for (const list of lists) {
      const text = listFault(history, servicePath, list);
      if (text !== null) violations.add('services', `client ${handle.index}: ${text}`);
    }
  }
  for (const [data, lives] of livesOf(history, (text) => DESCRIPTION.test(text))) {
    const second = secondOf(lives);
    if (second !== null) violations.add('services', `${second.path} is a second node of ${data}`);
  }
}

/** Of a registration without a name of its own. */
const DESCRIPTION = /^\{"address":"s\d+\.\d+-\d+"\}$/;

function listFault(
  history: History,
  servicePath: string,
  { instances, atMs }: ToldList,
): string | null {
  const toZxid = history.zxidAt(atMs);
  let last = '';
  for (const instance of instances) {
    const { name } = instance;
    if (name <= last) return `${name} comes after ${last}`;
    last = name;
    if (!wasInstance(history, servicePath, instance, toZxid)) return `${name} was never so`;
  }
  return null;
}
