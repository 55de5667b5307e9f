/** `npm run bench:growth`: how cost grows. */
import { runLane } from '../lanes/run-lane.ts';
import { GROWTH_LANE } from './growth-lane.ts';

await runLane(GROWTH_LANE);
