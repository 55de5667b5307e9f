/** One turn of one client under full load, in a process of its own. */
import { answerJob } from '../answer-job.ts';
import { runSustainedTurn } from './sustained-turn.ts';

await answerJob(runSustainedTurn);
