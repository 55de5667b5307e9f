/** Codes of the errors that bytes against the protocol end in. */
type Code =
  | 'TRUNCATED'
  | 'BAD_LENGTH'
  | 'BAD_COUNT'
  | 'FRAME_TOO_LARGE'
  | 'BAD_FRAME_LENGTH'
  | 'BAD_MULTI'
  | 'BAD_HANDSHAKE';

/** Bytes that must be refused. */
export interface MalformedCase {
  name: string;
  direction: 'c2s' | 's2c';
  kind: 'creq' | 'cresp' | 'req' | 'resp';
  /** Record that the body should hold; null when the frame fails before its body. */
  type: string | null;
  /** Operation of the request or of the request that is answered; null for a handshake. */
  op: number | null;
  /** The frame, length prefix included; spaces between fields are taken out. */
  hex: string;
  /** `offset` counts from the frame's first byte and points at the field that is wrong. */
  error: { code: Code; offset: number };
}

type Body = [name: string, hex: string, code: Code, offset: number];

function cases(
  direction: MalformedCase['direction'],
  kind: MalformedCase['kind'],
  type: string | null,
  op: number | null,
  bodies: Body[],
): MalformedCase[] {
  return bodies.map(([name, hex, code, offset]) => ({
    ...{ name: `${type ?? kind}: ${name}`, direction, kind, type, op, hex },
    error: { code, offset },
  }));
}

// Fields of every request: length, xid 1, type; of every reply: length, xid 1, zxid 2, err 0.
// So the body of a request starts at byte 12 and that of a reply at byte 20. Fixed-size fields that
// follow one another are read as one: TRUNCATED points at the first of them.

const TRUNCATED: MalformedCase[] = [
  ...cases('c2s', 'req', null, null, [
    ['header cut inside type', '00000006 00000001 0000', 'BAD_FRAME_LENGTH', 0],
    ['header cut inside xid', '00000002 0000', 'BAD_FRAME_LENGTH', 0],
  ]),
  ...cases('s2c', 'resp', null, null, [
    ['header cut inside err', '0000000e 00000001 0000000000000002 0000', 'BAD_FRAME_LENGTH', 0],
    ['header cut inside zxid', '00000008 00000001 00000000', 'BAD_FRAME_LENGTH', 0],
  ]),
  ...cases('c2s', 'req', 'GetDataRequest', 4, [
    ['no body', '00000008 00000001 00000004', 'TRUNCATED', 12],
    ['string length cut', '0000000b 00000001 00000004 000000', 'TRUNCATED', 12],
    ['boolean missing', '0000000e 00000001 00000004 00000002 2f67', 'TRUNCATED', 18],
  ]),
  ...cases('c2s', 'req', 'DeleteRequest', 2, [
    ['int missing', '0000000e 00000001 00000002 00000002 2f67', 'TRUNCATED', 18],
    ['int cut', '00000011 00000001 00000002 00000002 2f67 ffffff', 'TRUNCATED', 18],
  ]),
  ...cases('c2s', 'req', 'CreateTTLRequest', 21, [
    [
      'long cut',
      '00000021 00000001 00000015 00000002 2f67 ffffffff ffffffff 00000005 00000000000000',
      'TRUNCATED',
      26,
    ],
  ]),
  ...cases('c2s', 'req', 'CreateRequest', 1, [
    ['buffer length cut', '00000010 00000001 00000001 00000002 2f67 0000', 'TRUNCATED', 18],
    ['vector count cut', '00000013 00000001 00000001 00000002 2f67 ffffffff 00', 'TRUNCATED', 22],
    [
      'int after an ACL missing',
      '0000002d 00000001 00000001 00000002 2f67 ffffffff 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65',
      'TRUNCATED',
      49,
    ],
  ]),
  ...cases('s2c', 'resp', 'ExistsResponse', 3, [
    ['no stat', '00000010 00000001 0000000000000002 00000000', 'TRUNCATED', 20],
    [
      'stat cut after czxid',
      '00000018 00000001 0000000000000002 00000000 0000000000000002',
      'TRUNCATED',
      20,
    ],
    [
      'stat one byte short',
      `00000053 00000001 0000000000000002 00000000 ${'0000000000000000 '.repeat(8)}000000`,
      'TRUNCATED',
      20,
    ],
  ]),
  ...cases('s2c', 'resp', 'GetDataResponse', 4, [
    [
      'stat missing after data',
      '00000015 00000001 0000000000000002 00000000 00000001 76',
      'TRUNCATED',
      25,
    ],
  ]),
  ...cases('s2c', 'resp', 'WatcherEvent', 0, [
    ['state missing', '00000014 ffffffff ffffffffffffffff 00000000 00000001', 'TRUNCATED', 20],
    [
      'path missing',
      '00000018 ffffffff ffffffffffffffff 00000000 00000001 00000003',
      'TRUNCATED',
      28,
    ],
  ]),
];

const LENGTHS: MalformedCase[] = [
  ...cases('c2s', 'req', 'GetDataRequest', 4, [
    ['string length -2', '0000000f 00000001 00000004 fffffffe 2f67 00', 'BAD_LENGTH', 12],
    [
      'string length of the least int',
      '0000000f 00000001 00000004 80000000 2f67 00',
      'BAD_LENGTH',
      12,
    ],
    [
      'string length of the greatest int',
      '0000000f 00000001 00000004 7fffffff 2f67 00',
      'BAD_LENGTH',
      12,
    ],
    [
      'string one byte longer than the frame',
      '0000000f 00000001 00000004 00000004 2f67 00',
      'BAD_LENGTH',
      12,
    ],
  ]),
  ...cases('c2s', 'req', 'SetDataRequest', 5, [
    [
      'buffer length -2',
      '00000017 00000001 00000005 00000002 2f67 fffffffe 76 ffffffff',
      'BAD_LENGTH',
      18,
    ],
    [
      'buffer length of the greatest int',
      '00000017 00000001 00000005 00000002 2f67 7fffffff 76 ffffffff',
      'BAD_LENGTH',
      18,
    ],
    [
      'buffer longer than the frame',
      '00000017 00000001 00000005 00000002 2f67 00000006 76 ffffffff',
      'BAD_LENGTH',
      18,
    ],
  ]),
  ...cases('s2c', 'resp', 'CreateResponse', 1, [
    [
      'string length -2',
      '00000016 00000001 0000000000000002 00000000 fffffffe 2f67',
      'BAD_LENGTH',
      20,
    ],
    [
      'string longer than the frame',
      '00000016 00000001 0000000000000002 00000000 00000003 2f67',
      'BAD_LENGTH',
      20,
    ],
  ]),
  ...cases('s2c', 'resp', 'GetDataResponse', 4, [
    ['buffer length -2', '00000014 00000001 0000000000000002 00000000 fffffffe', 'BAD_LENGTH', 20],
    [
      'buffer longer than the frame',
      '00000014 00000001 0000000000000002 00000000 00000001',
      'BAD_LENGTH',
      20,
    ],
  ]),
  ...cases('s2c', 'resp', 'SetSASLResponse', 102, [
    [
      'buffer of 1 MiB in 20 bytes',
      '00000014 00000001 0000000000000002 00000000 00100000',
      'BAD_LENGTH',
      20,
    ],
  ]),
  ...cases('s2c', 'resp', 'GetChildrenResponse', 8, [
    [
      'length of the second string -2',
      '0000001d 00000001 0000000000000002 00000000 00000002 00000001 61 fffffffe',
      'BAD_LENGTH',
      29,
    ],
  ]),
];

const COUNTS: MalformedCase[] = [
  ...cases('s2c', 'resp', 'GetChildrenResponse', 8, [
    ['count -2', '00000014 00000001 0000000000000002 00000000 fffffffe', 'BAD_COUNT', 20],
    [
      'count of the least int',
      '00000014 00000001 0000000000000002 00000000 80000000',
      'BAD_COUNT',
      20,
    ],
    [
      'count of the greatest int',
      '00000014 00000001 0000000000000002 00000000 7fffffff',
      'BAD_COUNT',
      20,
    ],
    [
      'two strings cannot fit into seven bytes',
      '0000001b 00000001 0000000000000002 00000000 00000002 00000000 000000',
      'BAD_COUNT',
      20,
    ],
  ]),
  ...cases('s2c', 'resp', 'GetACLResponse', 6, [
    ['count -2', '00000014 00000001 0000000000000002 00000000 fffffffe', 'BAD_COUNT', 20],
    [
      'two ACLs cannot fit into 23 bytes',
      `0000002b 00000001 0000000000000002 00000000 00000002 ${'00'.repeat(23)}`,
      'BAD_COUNT',
      20,
    ],
  ]),
  ...cases('c2s', 'req', 'CreateRequest', 1, [
    [
      'a thousand million ACLs',
      '00000016 00000001 00000001 00000002 2f67 ffffffff 3b9aca00',
      'BAD_COUNT',
      22,
    ],
  ]),
  ...cases('c2s', 'req', 'SetWatches', 101, [
    ['count -2', '00000014 00000001 00000065 0000000000000001 fffffffe', 'BAD_COUNT', 20],
    [
      'count of the last vector too large',
      '0000001c 00000001 00000065 0000000000000001 00000000 00000000 00000001',
      'BAD_COUNT',
      28,
    ],
  ]),
  ...cases('s2c', 'resp', 'WhoAmIResponse', 107, [
    [
      'one entry cannot fit into seven bytes',
      `0000001b 00000001 0000000000000002 00000000 00000001 ${'00'.repeat(7)}`,
      'BAD_COUNT',
      20,
    ],
  ]),
];

const MULTIS: MalformedCase[] = [
  ...cases('c2s', 'req', 'MultiOperationRecord', 14, [
    ['no terminator and no operation', '00000008 00000001 0000000e', 'BAD_MULTI', 12],
    [
      'no terminator after an operation',
      '0000001b 00000001 0000000e 0000000d 00 ffffffff 00000002 2f67 00000000',
      'BAD_MULTI',
      31,
    ],
    ['terminator cut', '0000000d 00000001 0000000e ffffffff 01', 'BAD_MULTI', 12],
    [
      'an operation that no multi has',
      '00000020 00000001 0000000e 00000063 00 ffffffff 00000002 2f67 ffffffff 01 ffffffff',
      'BAD_MULTI',
      12,
    ],
    [
      'length of a path inside an operation -2',
      '00000024 00000001 0000000e 00000002 00 ffffffff fffffffe 2f67 ffffffff ffffffff 01 ffffffff',
      'BAD_LENGTH',
      21,
    ],
  ]),
  ...cases('s2c', 'resp', 'MultiResponse', 14, [
    [
      'no terminator after a result',
      '00000019 00000001 0000000000000002 00000000 00000002 00 00000000',
      'BAD_MULTI',
      29,
    ],
    [
      'an error result without its code',
      '00000019 00000001 0000000000000002 00000000 ffffffff 00 ffffff9b',
      'TRUNCATED',
      29,
    ],
    [
      'a result that no multi has',
      '00000022 00000001 0000000000000002 00000000 00000063 00 00000000 ffffffff 01 ffffffff',
      'BAD_MULTI',
      20,
    ],
  ]),
];

const ZERO_PASSWORD = '00000010 00000000000000000000000000000000';

const HANDSHAKES: MalformedCase[] = [
  ...cases('c2s', 'creq', 'ConnectRequest', null, [
    [
      '43 bytes',
      `0000002b 00000000 0000000000000000 00002710 0000000000000000 ${ZERO_PASSWORD.slice(0, -2)}`,
      'BAD_HANDSHAKE',
      0,
    ],
    [
      '46 bytes',
      `0000002e 00000000 0000000000000000 00002710 0000000000000000 ${ZERO_PASSWORD} 0000`,
      'BAD_HANDSHAKE',
      0,
    ],
    ['one byte', '00000001 00', 'BAD_HANDSHAKE', 0],
    [
      'password length 18 where 17 bytes are left',
      '0000002d 00000000 0000000000000000 00002710 0000000000000000 00000012 0000000000000000000000000000000000',
      'BAD_LENGTH',
      28,
    ],
  ]),
  ...cases('s2c', 'cresp', 'ConnectResponse', null, [
    [
      '35 bytes',
      `00000023 00000000 00002710 0000000000000001 ${ZERO_PASSWORD.slice(0, -2)}`,
      'BAD_HANDSHAKE',
      0,
    ],
    [
      '38 bytes',
      `00000026 00000000 00002710 0000000000000001 ${ZERO_PASSWORD} 0000`,
      'BAD_HANDSHAKE',
      0,
    ],
    [
      'password length -2',
      `00000024 00000000 00002710 0000000000000001 fffffffe ${'00'.repeat(16)}`,
      'BAD_LENGTH',
      20,
    ],
    [
      '16 bytes that are a reply without an error',
      '00000010 00000000 0000000000000000 00000000',
      'BAD_HANDSHAKE',
      4,
    ],
  ]),
];

// 0xfffff bytes of body are still served; one more is not.
const FRAMES: MalformedCase[] = [
  ...cases('s2c', 'resp', null, null, [
    ['frame length -1', 'ffffffff', 'BAD_FRAME_LENGTH', 0],
    ['frame length of the least int', '80000000', 'BAD_FRAME_LENGTH', 0],
    ['frame length 0', '00000000', 'BAD_FRAME_LENGTH', 0],
    ['frame length 0x100000', '00100000', 'FRAME_TOO_LARGE', 0],
    ['frame length of the greatest int', '7fffffff', 'FRAME_TOO_LARGE', 0],
    ['HTTP instead of a frame', '48545450 2f312e31', 'FRAME_TOO_LARGE', 0],
  ]),
  ...cases('c2s', 'req', null, null, [
    ['frame length -1', 'ffffffff', 'BAD_FRAME_LENGTH', 0],
    ['frame length 0', '00000000', 'BAD_FRAME_LENGTH', 0],
    ['frame length 0x100000', '00100000', 'FRAME_TOO_LARGE', 0],
  ]),
];

/** Malformed frames by what is wrong with them; one file each. */
export const MALFORMED: readonly { about: string; cases: readonly MalformedCase[] }[] = [
  { about: 'truncated', cases: TRUNCATED },
  { about: 'lengths', cases: LENGTHS },
  { about: 'counts', cases: COUNTS },
  { about: 'multi', cases: MULTIS },
  { about: 'handshake', cases: HANDSHAKES },
  { about: 'frames', cases: FRAMES },
];
