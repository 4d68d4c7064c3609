using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Time in chunks that threads share, where sequences end just before, at and after a chunk's end.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class ParallelScanTests
{
    private const int Steps = 1000;
    private static readonly int[] s_lengths = [65, 0, Steps, 1, 64, 63];

    private static IEnumerable<LoopRun> Runs(int units) =>
        from name in new[] { "minGRU, parallel scan", "minLSTM, parallel scan" }
        from backwards in new[] { false, true }
        select new LoopRun(LoopCatalogue.Named(name), new RecurrentSetting(units, s_lengths.Length, ReturnSequences: true, Ragged: true, InitialState: true, Steps), backwards);

    private static RecurrentData Data(LoopRun run) => run.Data() with { Lengths = s_lengths };

    [Fact]
    public void Values_agree_with_double_precision_and_gradients_with_its_differences()
    {
        // 601 numbers of the input: an odd distance, so that every sequence and feature is met.
        foreach (LoopRun run in Runs(units: 5)) LoopContractTests.AgreesWithDouble(run, Data(run), samples: 601);
    }

    [Fact]
    public void Every_vector_width_and_any_number_of_threads_give_the_same_bits_and_each_row_those_that_it_has_alone()
    {
        foreach (LoopRun run in Runs(units: 19))
        {
            RecurrentData data = Data(run);
            RecurrentOutcome? first = null;
            VectorWidthCollection.AtEach(width =>
            {
                foreach (int threads in new[] { 1, 2, 3, 7 })
                {
                    RecurrentOutcome found = DividedWork.On(threads, () => run.Run(run.NewLayer(), data));
                    Agreement.SameBits($"{run}, {width} bits, {threads} threads", (first ??= found).Parts(), found.Parts());
                }
            });
            for (int b = 0; b < data.Batch; b++)
            {
                int width = first!.Output.Length / data.Batch;
                RecurrentOutcome alone = DividedWork.On(3, () => run.Run(run.NewLayer(), data.Row(b)));
                Agreement.SameBits($"{run}, row {b}", first.Output[(b * width)..((b + 1) * width)], alone.Output);
                width = first.InputGradient.Length / data.Batch;
                Agreement.SameBits($"{run}, row {b}: input gradient", first.InputGradient[(b * width)..((b + 1) * width)], alone.InputGradient, signOfZero: false);
            }
        }
    }

    [Fact]
    public void One_chunk_has_the_bits_of_the_chain_and_more_have_others()
    {
        foreach (LoopRun run in Runs(units: 19))
        {
            RecurrentData data = Data(run);
            LoopRun chain = run with { Entry = LoopCatalogue.Named(run.Entry.Name.Split(',')[0]) with { Adjust = run.Entry.Adjust } };
            RecurrentOutcome found = run.Run(run.NewLayer(), data), expected = chain.Run(chain.NewLayer(), data);
            Agreement.Close($"{run}", expected.Parts(), found.Parts(), 5e-6);
            int width = found.Output.Length / data.Batch, differ = 0;
            for (int b = 0; b < data.Batch; b++)
            {
                float[] one = expected.Output[(b * width)..((b + 1) * width)], other = found.Output[(b * width)..((b + 1) * width)];
                if (s_lengths[b] <= 64) Agreement.SameBits($"{run}, row {b}", one, other);
                else if (!one.SequenceEqual(other)) differ++;
            }
            Assert.True(differ > 0, $"{run}: the chain's bits throughout; expected chunks.");
        }
    }

    [Fact]
    public void A_stream_gives_the_whole_up_to_rounding()
    {
        const int steps = 200, inputs = 3;
        float[] x = RecurrentData.Numbers(steps * inputs, 4, 1);
        foreach (Layer layer in new Layer[] { new MinGru(19, returnSequences: true) { ParallelScan = true }, new MinLstm(19, returnSequences: true) { ParallelScan = true } })
        {
            var model = new Sequential(seed: 3) { layer };
            float[] whole = model.Predict(Tensor.FromArray(x, 1, steps, inputs)).ToArray();
            using ModelStream stream = model.OpenStream();
            var found = new List<float>();
            for (int t = 0; t < steps; t++) found.AddRange(stream.Step(x.AsSpan(t * inputs, inputs)).ToArray());
            Agreement.SameBits($"{layer.Kind}: the first chunk", whole[..(64 * 19)], [.. found[..(64 * 19)]]);
            Agreement.Close($"{layer.Kind}: all steps", whole, [.. found], 1e-6);
        }
    }
}
