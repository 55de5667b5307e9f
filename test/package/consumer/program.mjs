// What a user does first, by import: run by test/package/smoke.test.ts from where npm has installed zkwire.
import { connect } from 'zkwire';
import { JuteWriter, writeGetDataRequest } from 'zkwire/codec';
import { SERVER_CHECKS } from 'zkwire/conform';
import { RequestError } from 'zkwire/errors';
import { SLAB_BYTES } from 'zkwire/limits';
import { Pipeline } from 'zkwire/pipeline';
import { register, watchService } from 'zkwire/recipes';
import { createServer } from 'zkwire/server';
import { parseConnectString } from 'zkwire/session';
import { dial } from 'zkwire/transport';
import { firstSteps } from './first-steps.mjs';

await firstSteps({
  ...{ connect, createServer, dial, JuteWriter, parseConnectString, Pipeline, RequestError },
  ...{ register, SERVER_CHECKS, SLAB_BYTES, watchService, writeGetDataRequest },
});
