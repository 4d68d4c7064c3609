// Times ONNX Runtime on the models of onnx_models.py, inference alone:
// node onnxruntime_recurrent.js SHAPES.json MODELS THREADS SECONDS OUT.json
// ONNXRUNTIME_NODE names the package's folder where it is not in the usual place.
const fs = require('fs');
const path = require('path');
const { performance } = require('perf_hooks');
const library = process.env.ONNXRUNTIME_NODE || 'onnxruntime-node';
const ort = require(library);

const [shapes, models, threads, seconds, out] = process.argv.slice(2);

function inputs(shape) {
  const { batch, steps, inputs: width } = shape;
  const values = Float32Array.from({ length: steps * batch * width }, () => 2 * Math.random() - 1);
  const feeds = { x: new ort.Tensor('float32', values, [steps, batch, width]) };
  if (shape.lengths) {
    const lengths = Int32Array.from({ length: batch }, (_, row) => Math.max(1, Math.floor(steps * (batch - row) / batch)));
    feeds.lengths = new ort.Tensor('int32', lengths, [batch]);
  }
  return feeds;
}

async function medianMs(session, feeds) {
  for (let i = 0; i < 3; i++) await session.run(feeds);
  const samples = [];
  const end = performance.now() + 1000 * Number(seconds);
  while (samples.length < 5 || performance.now() < end) {
    const start = performance.now();
    await session.run(feeds);
    samples.push(performance.now() - start);
  }
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1];
}

async function main() {
  const results = [];
  for (const shape of JSON.parse(fs.readFileSync(shapes, 'utf8'))) {
    const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1 };
    const session = await ort.InferenceSession.create(path.join(models, shape.name + '.onnx'), options);
    results.push({ name: shape.name, forward_ms: await medianMs(session, inputs(shape)), train_ms: null });
    await session.release();
  }
  const { version } = require(library + '/package.json');
  fs.writeFileSync(out, JSON.stringify({ version, threads: Number(threads), results }, null, 1));
}

main().catch(error => { console.error(String(error)); process.exit(1); });
