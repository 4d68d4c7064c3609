using Unroll.Autograd;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Contracts;

/// <summary>Recurrent dropout and zoneout as they are drawn in training, against the papers' equations.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class RecurrentNoiseTests
{
    private static readonly RecurrentExtras[] s_extras =
    [
        new(Dropout: 0.4f), new(Dropout: 0.4f, DropoutKind: RecurrentDropoutKind.Candidate), new(Zoneout: 0.3f), new(CellZoneout: 0.3f),
        new(Dropout: 0.25f, Zoneout: 0.3f, CellZoneout: 0.2f, Limit: 0.3f),
    ];

    private static readonly RecurrentVariant[] s_variants =
    [
        .. from cell in Enum.GetValues<RecurrentCell>()
           from extras in s_extras
           from direction in new[] { (Back: false, Merge: (MergeMode?)null), (true, null), (false, MergeMode.Concat) }
           let carry = CellKernels.Of(cell).HasCarry
           let gru = cell is RecurrentCell.Gru or RecurrentCell.GruResetBefore
           where extras.DropoutKind == RecurrentDropoutKind.Variational || carry || gru
           where carry || extras.Dropout > 0 || extras.Zoneout > 0
           select new RecurrentVariant(cell, true, false, direction.Back, direction.Merge, carry ? extras : extras with { CellZoneout = 0, Limit = null }),
    ];

    public static TheoryData<string> Names() => [.. s_variants.Select(v => v.Name)];

    private static IEnumerable<RecurrentCase> CasesOf(string name)
    {
        RecurrentVariant variant = s_variants.Single(v => v.Name == name);
        yield return new RecurrentCase(variant, new RecurrentSetting(5, 3, true, true, true, Steps: 4));
        yield return new RecurrentCase(variant, new RecurrentSetting(19, 9, name.Length % 2 == 0, true, true, Steps: 5));
        yield return new RecurrentCase(variant, new RecurrentSetting(16, 2, true, false, false, Steps: 4));
    }

    private static RecurrentOutcome Train(RecurrentCase one) => RecurrentRun.Of(one.NewLayer(), one.Data, training: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_and_gradients_agree_with_the_equations(string name)
    {
        foreach (RecurrentCase one in CasesOf(name))
        {
            RecurrentOutcome found = Train(one);
            RecurrentReferenceTests.CompareForward(one, found, training: true);
            RecurrentReferenceTests.CompareGradients(one, samples: one.Setting.Units == 5 ? 40 : 5, found: found, training: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Widths_threads_and_recomputed_gates_change_no_bit(string name)
    {
        foreach (RecurrentCase one in CasesOf(name))
        {
            RecurrentOutcome expected = DividedWork.On(1, () => Train(one));
            VectorWidthCollection.AtEach(width => Agreement.SameBits($"{one}, {width} bits", expected.Parts(), Train(one).Parts()));
            foreach (SweepDivisionKind division in Enum.GetValues<SweepDivisionKind>())
                Agreement.SameBits($"{one}, by {division}", expected.Parts(), DividedWork.On(3, () => Train(one), division).Parts());
            if (one.Variant.Merge is not null) continue;
            var again = (RecurrentLayer)one.NewLayer();
            again.GradientCheckpointing = true;
            Agreement.SameBits($"{one}, recomputed", expected.Parts(), RecurrentRun.Of(again, one.Data, training: true).Parts());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Recomputed_chunks_of_a_long_sequence_draw_the_same(string name)
    {
        var one = new RecurrentCase(s_variants.Single(v => v.Name == name), new RecurrentSetting(7, 7, true, true, true, Steps: 90));
        if (one.Variant.Merge is not null) return;
        var again = (RecurrentLayer)one.NewLayer();
        again.GradientCheckpointing = true;
        Agreement.SameBits(name, Train(one).Parts(), DividedWork.On(2, () => RecurrentRun.Of(again, one.Data, training: true)).Parts());
        Agreement.SameBits(name, Train(one).Forward(), RecurrentRun.Of(again, one.Data, recording: false, training: true).Forward());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_shown_one_by_one_draw_the_same(string name)
    {
        foreach (RecurrentCase one in CasesOf(name))
        {
            Layer layer = one.NewLayer();
            var pass = new Pass(new Tape(), Training: true, RecurrentRun.DrawSeed, RecurrentRun.DrawStep);
            Tensor x = one.Data.InputTensor();
            Assert.Equal(layer.Forward(x, pass).ToArray(), layer.Forward(x, pass with { Observer = new Onlooker() }).ToArray());
        }
    }

    private sealed class Onlooker : IStateObserver
    {
        public void See(string layer, int step, bool isLast, Tensor hidden, Tensor? carry, IReadOnlyList<(string Name, Tensor Values)> gates, ReadOnlySpan<int> lengths)
        {
        }
    }

    [Fact]
    public void More_padding_and_another_order_of_packing_draw_the_same()
    {
        RecurrentVariant variant = s_variants.First(v => v.Extras!.Zoneout > 0 && v.HasCarry);
        var one = new RecurrentCase(variant, new RecurrentSetting(6, 4, true, true, false, Steps: 6));
        RecurrentOutcome found = Train(one);
        // The last two sequences grow longer than the first two: they are packed before them.
        RecurrentOutcome longer = RecurrentRun.Of(one.NewLayer(), one.Data with { Lengths = [1, 3, 6, 6] }, training: true);
        int row = 6 * 6;
        Assert.Equal(found.Output[..6], longer.Output[..6]);
        Assert.Equal(found.Output[row..(row + 3 * 6)], longer.Output[row..(row + 3 * 6)]);
    }

    [Fact]
    public void Layers_without_a_candidate_refuse_to_drop_it_and_shares_are_in_range()
    {
        Assert.Equal("SimpleRnn: recurrentDropoutKind Candidate cannot be used here; expected Variational, since the layer has no candidate beside its state. (Parameter 'RecurrentDropoutKind')",
            Assert.Throws<ArgumentException>(() => new SimpleRnn(3) { RecurrentDropoutKind = RecurrentDropoutKind.Candidate }).Message);
        Assert.Equal("Gru: zoneout is 1; expected a share in [0, 1). (Parameter 'Zoneout')",
            Assert.Throws<ArgumentOutOfRangeException>(() => new Gru(3) { Zoneout = 1 }).Message);
        Assert.Equal("Lstm: cellZoneout is -1; expected a share in [0, 1). (Parameter 'CellZoneout')",
            Assert.Throws<ArgumentOutOfRangeException>(() => new Lstm(3) { CellZoneout = -1 }).Message);
        Assert.Equal("IndRnn: recurrentDropout is 2; expected a share in [0, 1). (Parameter 'RecurrentDropout')",
            Assert.Throws<ArgumentOutOfRangeException>(() => new IndRnn(3) { RecurrentDropout = 2 }).Message);
    }
}
