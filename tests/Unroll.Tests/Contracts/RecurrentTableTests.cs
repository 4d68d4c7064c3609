using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Contracts;

/// <summary>
/// A recurrent layer behind an embedding of few ids computes with the table's rows (<see cref="InputTable"/>). It gives what
/// it gives for the same numbers as plain input.
/// </summary>
public sealed class RecurrentTableTests
{
    private const double Rounding = 1e-5;
    private const int Vocabulary = 5, PaddingIndex = 2;

    public static TheoryData<string> Names() => RecurrentCatalogue.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_of_a_table_give_what_the_same_numbers_give(string name)
    {
        foreach (RecurrentCase one in CasesOf(name))
        {
            (RecurrentOutcome expected, RecurrentOutcome found, float[] tableGradient) = (Plain(one), Table(one, false, out float[] gradient), gradient);
            Agreement.SameBits($"{one}", expected.Forward(), found.Forward());
            for (int i = 0; i < expected.InitialGradients.Length; i++) Agreement.SameBits($"{one}: gradient of initial state {i}", expected.InitialGradients[i], found.InitialGradients[i], signOfZero: false);
            for (int i = 0; i < expected.ParameterGradients.Length; i++) Agreement.Close($"{one}: gradient of parameter {i}", expected.ParameterGradients[i], found.ParameterGradients[i], Rounding);
            Agreement.Close($"{one}: gradient of the table", SumsById(one, expected.InputGradient), tableGradient, Rounding);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_and_recomputed_gates_change_no_bit(string name)
    {
        foreach (RecurrentCase one in CasesOf(name))
        {
            RecurrentOutcome expected = Table(one, false, out float[] table);
            foreach (SweepDivisionKind kind in Enum.GetValues<SweepDivisionKind>())
            {
                (RecurrentOutcome found, float[] gradient) = DividedWork.On(3, () => (Table(one, false, out float[] g), g), kind);
                Agreement.SameBits($"{one}, 3 threads by {kind}", expected.Parts(), found.Parts());
                Agreement.SameBits($"{one}, 3 threads by {kind}: gradient of the table", table, gradient);
            }
            Agreement.SameBits($"{one}, recomputed", expected.Parts(), Table(one, true, out float[] again).Parts());
            Agreement.SameBits($"{one}, recomputed: gradient of the table", table, again);
        }
    }

    [Fact]
    public void A_watched_embedding_gets_its_own_gradient()
    {
        RecurrentCase one = CasesOf(RecurrentCatalogue.All[0].Name).First();
        var tape = new Tape();
        Tensor rows = Embedded(one, tape, out _);
        tape.Watch(rows);
        (Tensor y, Tensor[] finals) = RecurrentRun.Forward(one.NewLayer(), rows, one.Data.InitialTensors(), tape);
        RecurrentRun.Backward(tape, y, one.Data.OutputWeights, finals, one.Data.FinalWeights);
        Agreement.SameBits("gradient of the embedding's output", Plain(one).InputGradient, tape.GradientOf(rows));
    }

    private static IEnumerable<RecurrentCase> CasesOf(string name)
    {
        RecurrentVariant variant = RecurrentCatalogue.Named(name);
        yield return new RecurrentCase(variant, new RecurrentSetting(19, 13, ReturnSequences: true, Ragged: true, InitialState: true));
        yield return new RecurrentCase(variant, new RecurrentSetting(70, 7, ReturnSequences: false, Ragged: false, InitialState: false));
    }

    private static RecurrentOutcome Plain(RecurrentCase one) => RecurrentRun.Of(one.NewLayer(), one.Data with { Input = Gathered(one) });

    private static RecurrentOutcome Table(RecurrentCase one, bool recompute, out float[] tableGradient)
    {
        var tape = new Tape();
        Layer layer = one.NewLayer();
        SetCheckpointing(layer, recompute);
        Tensor rows = Embedded(one, tape, out Embedding embedding);
        Assert.True(InputTable.IsWorthMaking(Vocabulary, rows.Rows));
        Tensor[] initial = one.Data.InitialTensors();
        foreach (Tensor tensor in initial) tape.Watch(tensor);
        (Tensor y, Tensor[] finals) = RecurrentRun.Forward(layer, rows, initial, tape);
        (float[] output, float[][] ends) = (y.ToArray(), [.. finals.Select(f => f.ToArray())]);
        RecurrentRun.Backward(tape, y, one.Data.OutputWeights, finals, one.Data.FinalWeights);
        Assert.False(Tape.HasGradient(rows), "the table was not used");
        tableGradient = embedding.Parameters[0].GradientToArray();
        return new RecurrentOutcome(y.Shape, output, ends, [], [.. initial.Select(tape.GradientOf)], [.. layer.Parameters.Select(p => p.GradientToArray())]);
    }

    private static Tensor Embedded(RecurrentCase one, Tape tape, out Embedding embedding)
    {
        // A padding index takes the end of rows without lengths for padding.
        embedding = new Embedding(Vocabulary, one.Data.Inputs, one.Setting.Ragged ? PaddingIndex : null);
        embedding.Build(new Shape(Shape.Unknown, Shape.Unknown));
        embedding.Parameters[0].Set(Rows(one));
        Tensor ids = Tensor.FromArray([.. Ids(one).Select(id => (float)id)], one.Data.Batch, one.Data.Steps);
        return embedding.Forward(one.Data.Lengths is { } lengths ? ids.WithLengths(lengths) : ids, new Pass(tape));
    }

    private static float[] Rows(RecurrentCase one) => RecurrentData.Numbers(Vocabulary * one.Data.Inputs, 3, 1.0);

    private static int[] Ids(RecurrentCase one) => [.. Enumerable.Range(0, one.Data.Batch * one.Data.Steps).Select(i => (i * i + i / 3) % Vocabulary)];

    private static float[] Gathered(RecurrentCase one)
    {
        float[] rows = Rows(one);
        return [.. Ids(one).SelectMany(id => rows[(id * one.Data.Inputs)..((id + 1) * one.Data.Inputs)])];
    }

    private static double[] SumsById(RecurrentCase one, float[] inputGradient)
    {
        int inputs = one.Data.Inputs;
        int[] ids = Ids(one);
        var sums = new double[Vocabulary * inputs];
        for (int i = 0; i < inputGradient.Length; i++)
            if (!one.Setting.Ragged || ids[i / inputs] != PaddingIndex) sums[ids[i / inputs] * inputs + i % inputs] += inputGradient[i];
        return sums;
    }

    private static void SetCheckpointing(Layer layer, bool on)
    {
        RecurrentLayer[] parts = layer is Bidirectional both ? [(RecurrentLayer)both.ForwardLayer, (RecurrentLayer)both.BackwardLayer] : [(RecurrentLayer)layer];
        foreach (RecurrentLayer part in parts) part.GradientCheckpointing = on;
    }
}
