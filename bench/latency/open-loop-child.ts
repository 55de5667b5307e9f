/** One open loop of one client, in a process of its own. */
import { answerJob } from '../answer-job.ts';
import { runOpenLoopTurn } from './open-loop-turn.ts';

await answerJob(runOpenLoopTurn);
