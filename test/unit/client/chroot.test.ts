import { describe, expect, it } from 'vitest';
import { clientPath, isInChroot, serverPath } from '../../../src/client/chroot.ts';
import { childPath, parentPath, pathsDownTo } from '../../../src/client/node-paths.ts';

describe('paths under a chroot', () => {
  it.each([
    ['', '/', '/'],
    ['', '/a', '/a'],
    ['/app', '/', '/app'],
    ['/app', '/a/b', '/app/a/b'],
    ['/app/one', '/app', '/app/one/app'],
  ])('of %j: %j is %j on the server, and back', (chroot, path, onServer) => {
    expect(serverPath(chroot, path)).toBe(onServer);
    expect(clientPath(chroot, onServer)).toBe(path);
  });

  it('are not those that only begin like it', () => {
    for (const path of ['/apple', '/apple/a', '/ap', '/', '/other/app/a']) {
      expect([isInChroot('/app', path), clientPath('/app', path)]).toEqual([false, path]);
    }
  });
});

describe('paths around a node', () => {
  it.each([
    ['/', 'a', '/a'],
    ['/a', 'b', '/a/b'],
    ['/a/b', 'c', '/a/b/c'],
  ])('%j and %j are %j', (parent, name, path) => {
    expect(childPath(parent, name)).toBe(path);
    expect(parentPath(path)).toBe(parent);
  });

  it('begin at the top', () => {
    expect(pathsDownTo('/')).toEqual([]);
    expect(pathsDownTo('/a')).toEqual(['/a']);
    expect(pathsDownTo('/a/bc/d')).toEqual(['/a', '/a/bc', '/a/bc/d']);
    expect(parentPath('/a/')).toBe('/a');
  });
});
