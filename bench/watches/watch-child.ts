/** One turn of one client that watches, in a process of its own. */
import { answerJob } from '../answer-job.ts';
import { runWatchTurn } from './watch-turn.ts';

await answerJob(runWatchTurn);
