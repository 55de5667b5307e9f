/** `npm run bench:sustained`: the whole run, from options to tables. */
import { runLane } from '../lanes/run-lane.ts';
import { SUSTAINED_LANE } from './lane.ts';

await runLane(SUSTAINED_LANE);
