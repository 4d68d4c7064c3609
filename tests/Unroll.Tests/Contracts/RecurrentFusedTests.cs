using Unroll.Autograd;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>The fused kernels against the same recurrences composed of small operations. Both ways are two ways joined, and
/// zoneout is compared with its equations (both tested apart).</summary>
public sealed class RecurrentFusedTests
{
    private const double Rounding = 1e-5;

    public static TheoryData<string> OneWay() => RecurrentCatalogue.Names(v => v is { Merge: null, Extras: null or { Zoneout: 0 } });

    [Theory]
    [MemberData(nameof(OneWay))]
    public void The_fused_recurrence_equals_the_composed_one(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            var layer = (RecurrentLayer)one.NewLayer();
            var tape = new Tape();
            Tensor x = one.Data.InputTensor();
            Tensor[] initial = one.Data.InitialTensors();
            foreach (Tensor tensor in initial.Prepend(x)) tape.Watch(tensor);
            (Tensor sequence, Tensor[] finals) = new ComposedRecurrence(tape, layer.Weights, one.Variant).Run(x, one.Data.Lengths, initial, one.Variant.GoBackwards);
            Tensor y = one.Setting.ReturnSequences ? sequence : finals[0];
            RecurrentRun.Backward(tape, y, one.Data.OutputWeights, finals, one.Data.FinalWeights);
            var composed = new RecurrentOutcome(y.Shape, y.ToArray(), [.. finals.Select(f => f.ToArray())],
                tape.GradientOf(x), [.. initial.Select(tape.GradientOf)], [.. layer.Parameters.Select(p => p.GradientToArray())]);
            RecurrentOutcome fused = one.Run();
            Assert.Equal(composed.Shape, fused.Shape);
            Agreement.Close(one.ToString(), composed.Parts(), fused.Parts(), Rounding);
        }
    }
}
