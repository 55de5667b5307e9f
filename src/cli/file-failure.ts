import { dirname } from 'node:path';

/** The system's reasons, for who named the file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links go round in circles',
};

/** Why a file cannot be read. */
export function fileFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** Why a file cannot be written: a sentence that names it. */
export function writeFailure(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? `there is no directory ${dirname(file)}` : fileFailure(error);
  return `${file} cannot be written: ${why}`;
}
