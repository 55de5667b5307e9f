import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../../src/codec/index.ts';
import { readJavaText } from '../../../src/codec/java-text.ts';

/** Bytes, and the UTF-16 units that `new String(bytes, UTF_8)` of a Java 17 made of them. */
const AS_JAVA: readonly (readonly [string, string])[] = [
  ['7fffe08ff0', '007ffffdfffdfffdfffd'],
  ['eda0e1c0c1c0c2', 'fffdfffdfffdfffdfffdfffd'],
  ['90efc0a0', 'fffdfffdfffdfffd'],
  ['a0f5bf9f41ef', 'fffdfffdfffdfffd0041fffd'],
  ['ffe0', 'fffdfffd'],
  ['80f1eef5', 'fffdfffdfffdfffd'],
  ['bfffc0f0edffbf', 'fffdfffdfffdfffdfffdfffdfffd'],
  ['eef0bf807fe0f8c1', 'fffdfffd007ffffdfffdfffd'],
  ['f8f78fedee90', 'fffdfffdfffdfffdfffd'],
  ['f7f4bff5dfc2a09f', 'fffdfffdfffdfffdfffd00a0fffd'],
  ['f1bf90ed80f1c1', 'fffdfffdfffdfffd'],
  ['009fedf4', '0000fffdfffdfffd'],
  ['bffff8ffe1bfa0f1', 'fffdfffdfffdfffd1fe0fffd'],
  ['f7f4f1c2418041', 'fffdfffdfffdfffd0041fffd0041'],
  ['c1edffc0f4', 'fffdfffdfffdfffdfffd'],
  ['edf8f7e1e1', 'fffdfffdfffdfffdfffd'],
  ['f0c28ff8', 'fffd008ffffd'],
  ['c0eee0a0a0eedf', 'fffdfffd0820fffdfffd'],
  ['e19f9f', '17df'],
  ['f1f5c0f841e0f3', 'fffdfffdfffdfffd0041fffdfffd'],
  ['e1efe17f', 'fffdfffdfffd007f'],
  ['f4e1dfa08fee00c2', 'fffdfffd07e0fffdfffd0000fffd'],
  ['f1ed80f4f480df', 'fffdfffdfffdfffdfffd'],
  ['bff58090f590', 'fffdfffdfffdfffdfffdfffd'],
  ['c0f5f7', 'fffdfffdfffd'],
  ['f5bf90e1ed80', 'fffdfffdfffdfffdfffd'],
  ['f1f080ff9ff1df', 'fffdfffdfffdfffdfffdfffdfffd'],
  ['9fc0', 'fffdfffd'],
  ['f7f78f', 'fffdfffdfffd'],
  ['f1e0ee', 'fffdfffdfffd'],
  ['f5f4ff', 'fffdfffdfffd'],
  ['df41f541', 'fffd0041fffd0041'],
  ['bf809ff8a0', 'fffdfffdfffdfffdfffd'],
  ['ee9f4190f541c0e0', 'fffd0041fffdfffd0041fffdfffd'],
  ['f741f480f8f880f7', 'fffd0041fffdfffdfffdfffdfffd'],
  ['ff8f7f9000', 'fffdfffd007ffffd0000'],
];

function units(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    return text.charCodeAt(index).toString(16).padStart(4, '0');
  }).join('');
}

describe('text as Java reads it', () => {
  it.each(AS_JAVA)('%s', (hex, expected) => {
    const bytes = Buffer.from(`41${hex}41`, 'hex');
    expect(units(readJavaText(bytes, 1, bytes.length - 2))).toBe(expected);
  });

  it('is plain text where that is what it is', () => {
    for (const text of [
      '',
      'a',
      '/zookeeper/quota',
      'é',
      '/\u{1f600}/a',
      '\ufffd',
      '\ud7ff\ue000',
    ]) {
      const bytes = Buffer.from(text);
      expect(readJavaText(bytes, 0, bytes.length)).toBe(text);
    }
  });

  it('replaces surrogates that were encoded one by one', () => {
    expect(readJavaText(Buffer.from('2feda0bdedb880', 'hex'), 0, 7)).toBe('/\ufffd\ufffd');
  });
});

describe('a reader that reads as Java does', () => {
  it('replaces what is no text, and takes a count below -1 for an empty vector', () => {
    const reader = JuteReader.over(
      Buffer.from('00000002ff41fffffffe80000000ffffffff00000007', 'hex'),
    );
    reader.asJava = true;
    expect(reader.ustring()).toBe('\ufffdA');
    expect([reader.count(4), reader.count(4), reader.count(4)]).toEqual([0, 0, -1]);
    expect(() => reader.count(4)).toThrow(expect.objectContaining({ code: 'BAD_COUNT' }));
  });
});
