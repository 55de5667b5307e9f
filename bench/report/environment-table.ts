import { significant } from '../format.ts';
import type { Column, Row, Table } from '../table.ts';
import type { PublishedFile } from './published.ts';

const COLUMNS: readonly Column[] = [
  'file',
  'date (UTC)',
  'zkwire, commit',
  'to repeat',
  'Node (V8)',
  'ZooKeeper',
  'other clients',
  'machine',
  'system',
  'load before',
  'took',
].map((title) => ({ title }));

/** One row for each file: where, when, with what, and the command that repeats it. */
export function environmentTable(files: readonly PublishedFile[]): Table {
  return { columns: COLUMNS, rows: files.map(rowOf) };
}

function rowOf({ name, command, results }: PublishedFile): Row {
  if (results === null) {
    const rest = COLUMNS.slice(4).map(() => '–');
    return [name, 'not there', '–', `\`npm run ${command}\``, ...rest];
  }
  const { environment, startedAt, elapsedSeconds, quick } = results;
  const peers = Object.entries(environment.peers).map(([peer, version]) => `${peer} ${version}`);
  const gib = Math.round(environment.memoryBytes / 2 ** 30);
  return [
    name,
    `${startedAt.slice(0, 16).replace('T', ' ')}${quick ? ', quick: not to be quoted' : ''}`,
    `${environment.zkwire}, ${environment.commit ?? 'no commit'}`,
    `\`${results.command}\``,
    `${environment.node} (${environment.v8})`,
    environment.zooKeeper ?? 'none',
    peers.length === 0 ? '–' : peers.join(', '),
    `${environment.cpuModel}, ${environment.cpuCount} cores, ${gib} GiB`,
    `${environment.operatingSystem} ${environment.architecture}`,
    environment.loadAverageAtStart.toFixed(2),
    `${significant(elapsedSeconds)} s`,
  ];
}
