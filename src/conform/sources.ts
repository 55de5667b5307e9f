/** Where the checks know from what they say. */
export const SOURCE = {
  records: 'docs/protocol.md and recordings of 3.8.0',
  handshake: 'docs/protocol.md, ConnectRequest and ConnectResponse; seen on 3.8.0 and 3.9.5',
  sessions: 'docs/sessions.md; seen on 3.8.0 and 3.9.5',
  watches: 'docs/watches.md; seen on 3.8.0 and 3.9.5',
  framing: 'docs/protocol.md; seen on 3.8.0 and 3.9.5',
  seen: 'seen on 3.8.0 and 3.9.5',
  recorded: 'recorded from 3.8.0 (test/fixtures)',
  guide: "ZooKeeper Programmer's Guide; seen on 3.8.0 and 3.9.5",
  paths: "ZooKeeper Programmer's Guide, the data model; seen on 3.8.0 and 3.9.5",
} as const;
