// The same by require.
const { connect } = require('zkwire');
const { JuteWriter, writeGetDataRequest } = require('zkwire/codec');
const { SERVER_CHECKS } = require('zkwire/conform');
const { RequestError } = require('zkwire/errors');
const { SLAB_BYTES } = require('zkwire/limits');
const { Pipeline } = require('zkwire/pipeline');
const { register, watchService } = require('zkwire/recipes');
const { createServer } = require('zkwire/server');
const { parseConnectString } = require('zkwire/session');
const { dial } = require('zkwire/transport');
const { firstSteps } = require('./first-steps.mjs');

firstSteps({
  ...{ connect, createServer, dial, JuteWriter, parseConnectString, Pipeline, RequestError },
  ...{ register, SERVER_CHECKS, SLAB_BYTES, watchService, writeGetDataRequest },
});
