using Unroll.Autograd;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Gates that are computed again give the bits of gates that were kept, and the tape holds less.</summary>
public sealed class GradientCheckpointingTests
{
    private const int Inputs = 5, Units = 19;

    public static TheoryData<string, bool, bool, bool> Cases()
    {
        var data = new TheoryData<string, bool, bool, bool>();
        foreach (string cell in Enum.GetNames<RecurrentCell>())
            foreach (bool reverse in new[] { false, true })
                foreach (bool ragged in new[] { false, true })
                    foreach (bool general in new[] { false, true }) data.Add(cell, reverse, ragged, general);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_have_the_same_bits_on_any_number_of_threads(string cell, bool reverse, bool ragged, bool general)
    {
        RecurrentCell kind = Enum.Parse<RecurrentCell>(cell);
        float[][] kept = DividedWork.On(1, () => Train(kind, reverse, ragged, recompute: false, out _, general: general));
        foreach (int threads in new[] { 1, 2, 3 })
            foreach (SweepDivisionKind division in Enum.GetValues<SweepDivisionKind>())
            {
                float[][] again = DividedWork.On(threads, () => Train(kind, reverse, ragged, recompute: true, out _, general: general), division);
                for (int i = 0; i < kept.Length; i++) Assert.Equal(kept[i], again[i]);
            }
    }

    [Fact]
    public void The_tape_of_a_long_sequence_holds_less_than_half()
    {
        Train(RecurrentCell.Lstm, reverse: false, ragged: false, recompute: false, out long kept, steps: 300);
        Train(RecurrentCell.Lstm, reverse: false, ragged: false, recompute: true, out long recomputed, steps: 300);
        Assert.True(2 * recomputed < kept, $"{recomputed} bytes with gates computed again, {kept} with gates kept.");
    }

    /// <summary>Outputs, states and all gradients over several chunks of time.</summary>
    private static float[][] Train(RecurrentCell cell, bool reverse, bool ragged, bool recompute, out long bytes, int steps = 61, bool general = false)
    {
        const int batch = 23; // some 1,400 rows: six chunks
        var weights = new RecurrentWeights(cell, Inputs, Units, useBias: true, separateBiases: true);
        int seed = 1;
        foreach (Parameter parameter in weights.All) parameter.Set(Sines(parameter.Count, ++seed));
        Tensor x = Tensor.FromArray(Sines(batch * steps * Inputs, 40), batch, steps, Inputs)
            .WithLengths([.. Enumerable.Range(0, batch).Select(b => ragged ? b * 17 % (steps + 1) : steps)]);
        Tensor state = Tensor.FromArray(Sines(batch * Units, 50), batch, Units), carry = Tensor.FromArray(Sines(batch * Units, 51), batch, Units);
        bool hasCarry = CellKernels.Of(cell).HasCarry;
        var tape = new Tape();
        foreach (Tensor watched in new[] { x, state, carry }) tape.Watch(watched);
        RecurrentResult result = RecurrentOp.Of(tape, x, new RecurrentCall(weights, reverse, state, hasCarry ? carry : null, Recompute: recompute,
            Options: general ? new CellOptions(ActivationKind.Softsign, ActivationKind.HardSigmoid, 0.1f) : null));
        tape.Backward(result.Sequence, Sines(batch * steps * Units, 60));
        bytes = tape.UsedBytes;
        return
        [
            result.Sequence.ToArray(), result.FinalState.ToArray(), tape.GradientOf(x), tape.GradientOf(state), tape.GradientOf(carry),
            .. weights.All.Select(p => p.GradientToArray()),
        ];
    }

    private static float[] Sines(int count, int seed) => [.. Enumerable.Range(1, count).Select(i => (float)Math.Sin(1.7 * i + seed) * 0.3f)];
}
