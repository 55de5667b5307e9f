import process from 'node:process';

/** What a run tells while it runs, on stderr: stdout is for the tables. */
export interface Progress {
  /** A step that takes a while. */
  say(line: string): void;
  /** One turn begins; on a terminal one line is drawn over and over. */
  turn(name: string, turn: number, turns: number, leftMs: number): void;
  /** All turns of a case are done. */
  done(name: string, summary: string): void;
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY === true;
  const columns = (): number => Math.max(20, stream.columns ?? 80) - 1;
  const clear = (): void => {
    if (live) stream.write('\r\u001b[K');
  };
  return {
    say(line) {
      clear();
      stream.write(`${line}\n`);
    },
    turn(name, turn, turns, leftMs) {
      if (!live) return;
      const line = `${clock(leftMs)} left  ${name}  turn ${turn}/${turns}`;
      clear();
      stream.write(line.slice(0, columns()));
    },
    done(name, summary) {
      clear();
      stream.write(`${name}  ${summary}\n`);
    },
  };
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
