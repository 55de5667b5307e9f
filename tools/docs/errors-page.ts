import { SERVER_CODES, type ServerCode, type ServerCodeName } from 'zkwire/codec';
import {
  AUTH_ERROR_CODES,
  CONNECT_ERROR_CODES,
  LINK_ERROR_CODES,
  REQUEST_ERROR_CODES,
  type RequestErrorCode,
  SERVICE_ERROR_CODES,
  STORAGE_ERROR_CODES,
  WIRE_ERROR_CODES,
} from 'zkwire/errors';
import {
  AUTH_ADVICE,
  CONNECT_ADVICE,
  LINK_ADVICE,
  REQUEST_ADVICE,
  SERVER_ADVICE,
  SERVICE_ADVICE,
  STORAGE_ADVICE,
  WIRE_ADVICE,
} from './error-advice.ts';
import { code, fillPlace, table } from './markdown.ts';

type Texts = Readonly<Record<string, string>>;

/** Tables of code, meaning and advice, by the class of the errors. */
const CLASSES: readonly (readonly [name: string, meanings: Texts, advice: Texts])[] = [
  ['ConnectError', CONNECT_ERROR_CODES, CONNECT_ADVICE],
  ['LinkError', LINK_ERROR_CODES, LINK_ADVICE],
  ['AuthError', AUTH_ERROR_CODES, AUTH_ADVICE],
  ['WireError', WIRE_ERROR_CODES, WIRE_ADVICE],
  ['StorageError', STORAGE_ERROR_CODES, STORAGE_ADVICE],
  ['ServiceError', SERVICE_ERROR_CODES, SERVICE_ADVICE],
];

const RETRY_TEXT: Readonly<Record<ServerCode['retry'], string>> = {
  never: 'change something first',
  later: 'repeat it after a pause; `retry` does',
  'other-connection': 'another server may do it',
  'new-session': 'a new session may do it',
};

/** Text of docs/errors.md: its prose stays, its tables are made anew. */
export function errorsPage(current: string): string {
  let page = fillPlace(current, 'RequestError', requestRows());
  for (const [name, meanings, advice] of CLASSES)
    page = fillPlace(page, name, rows(meanings, advice));
  page = fillPlace(page, 'server codes', serverRows());
  return fillPlace(page, 'other codes', otherRows());
}

function requestRows(): readonly string[] {
  const codes = Object.keys(REQUEST_ERROR_CODES) as RequestErrorCode[];
  return table(
    ['code', 'meaning', 'outcome', 'what to do'],
    codes.map((each) => {
      const [outcomes, todo] = REQUEST_ADVICE[each];
      return [code(each), REQUEST_ERROR_CODES[each], outcomes.map(code).join(', '), todo];
    }),
  );
}

function rows(meanings: Texts, advice: Texts): readonly string[] {
  const cells = Object.entries(meanings).map(([each, meaning]) => {
    return [code(each), meaning, advice[each] ?? ''];
  });
  return table(['code', 'meaning', 'what to do'], cells);
}

/** What servers answer. */
function serverRows(): readonly string[] {
  const answers = SERVER_CODES.filter(
    ({ origin, code: number }) => origin === 'server' && number < 0,
  );
  return table(
    ['code', '`serverCode`', 'meaning', 'what to do'],
    answers.map((row) => [
      code(row.name),
      String(row.code),
      row.description,
      SERVER_ADVICE[row.name as ServerCodeName] ?? RETRY_TEXT[row.retry],
    ]),
  );
}

/** Numbers that other clients make, or that servers keep to themselves. */
function otherRows(): readonly string[] {
  const others = SERVER_CODES.filter(
    ({ origin, code: number }) => origin !== 'server' && number < 0,
  );
  return table(
    ['number', 'name', 'made by', 'meaning'],
    others.map((row) => [
      String(row.code),
      code(row.name),
      row.origin === 'client' ? 'client libraries' : 'servers, among themselves',
      row.description,
    ]),
  );
}
