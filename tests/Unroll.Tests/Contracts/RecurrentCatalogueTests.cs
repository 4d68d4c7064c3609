using Unroll.Kernels.Recurrent;
using Unroll.Layers;

namespace Unroll.Tests.Contracts;

public sealed class RecurrentCatalogueTests
{
    [Fact]
    public void The_catalogue_holds_every_recurrent_layer_cell_and_merge_mode() => Assert.Empty(RecurrentCatalogue.MissingFrom(RecurrentCatalogue.All));

    [Fact]
    public void A_cell_a_layer_or_a_merge_mode_left_out_is_named()
    {
        string[] Missing(Func<RecurrentVariant, bool> left) => [.. RecurrentCatalogue.MissingFrom([.. RecurrentCatalogue.All.Where(v => !left(v))])];
        Assert.Equal(["RecurrentCell.GruResetBefore"], Missing(v => v.Cell == RecurrentCell.GruResetBefore));
        Assert.Equal(["PeepholeLstm", "RecurrentCell.PeepholeLstm"], Missing(v => v.Cell == RecurrentCell.PeepholeLstm));
        Assert.Equal(["MergeMode.Multiply"], Missing(v => v.Merge == MergeMode.Multiply));
    }

    [Fact]
    public void Every_variant_has_a_name_of_its_own_and_the_cell_that_it_names()
    {
        Assert.Equal(RecurrentCatalogue.All.Count, RecurrentCatalogue.All.Select(v => v.Name).Distinct().Count());
        Assert.All(RecurrentCatalogue.All, v => Assert.Equal(v.Cell, v.One(2, false, false).Cell));
    }

    [Fact]
    public void Every_width_meets_every_batch_under_every_flag()
    {
        RecurrentSetting[] all = [.. RecurrentCatalogue.All.SelectMany(v => RecurrentCatalogue.CasesOf(v.Name)).Select(c => c.Setting)];
        Assert.Equal(6 * 4 * 8, all.Distinct().Count());
    }

    [Fact]
    public void No_two_weights_of_a_layer_are_equal_and_none_is_zero()
    {
        foreach (RecurrentVariant variant in RecurrentCatalogue.All)
        {
            var one = new RecurrentCase(variant, new RecurrentSetting(19, 3, true, true, true));
            float[] weights = [.. one.NewLayer().Parameters.SelectMany(p => p.ToArray())];
            Assert.DoesNotContain(0f, weights);
            Assert.True(weights.Distinct().Count() > 0.99 * weights.Length, variant.Name);
        }
    }
}
