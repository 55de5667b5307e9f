/** `npm run bench:latency`: the whole run, from options to tables. */
import { runLane } from '../lanes/run-lane.ts';
import { LATENCY_LANE } from './lane.ts';

await runLane(LATENCY_LANE);
