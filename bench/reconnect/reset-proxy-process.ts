/**
 * The reset proxy as a process of its own. Forked with two arguments: the server's `host:port` and the
 * number of addresses. Sends `{ connectString }`; answers any message with a reset and its times.
 */
import process from 'node:process';
import { ResetProxy } from './reset-proxy.ts';

const [target = '', addresses = '1'] = process.argv.slice(2);
const proxy = await ResetProxy.listen(target, Number(addresses));

process.on('message', () => process.send?.(proxy.reset()));
process.on('disconnect', () => process.exit(0));
process.send?.({ connectString: proxy.connectString });
