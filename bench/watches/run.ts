/** `npm run bench:watches`: the whole run, from options to tables. */
import { runLane } from '../lanes/run-lane.ts';
import { WATCHES_LANE } from './lane.ts';

await runLane(WATCHES_LANE);
