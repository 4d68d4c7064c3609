using System.Globalization;
using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Ops;

namespace Unroll.Tests.Contracts;

/// <summary>A variant in a setting: a layer with its weights, and its data.</summary>
internal sealed record RecurrentCase(RecurrentVariant Variant, RecurrentSetting Setting)
{
    public RecurrentData Data { get; } = RecurrentData.Of(Variant, Setting);

    public Layer NewLayer() => NewLayer(Variant);

    /// <summary>A layer of another variant in this setting.</summary>
    public Layer NewLayer(RecurrentVariant variant)
    {
        Layer layer = variant.Make(Setting.Units, Setting.ReturnSequences);
        layer.Name = RecurrentRun.Name;
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, Setting.Inputs));
        RecurrentVariant.Fill(layer);
        return layer;
    }

    public RecurrentOutcome Run() => RecurrentRun.Of(NewLayer(), Data);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Variant.Name}; units {Setting.Units}, batch {Setting.Batch}, {(Setting.ReturnSequences ? "every step" : "last step")}, {(Setting.Ragged ? "ragged" : "dense")}, {(Setting.InitialState ? "given state" : "zero state")}");
}

/// <summary>Every recurrent layer in its variants, listed once; the contracts run over all of it.</summary>
internal static class RecurrentCatalogue
{
    private static readonly int[] s_units = [5, 16, 19, 50, 64, 70];
    private static readonly int[] s_batches = [1, 3, 7, 13];

    private static readonly (bool GoBackwards, MergeMode? Merge)[] s_directions =
    [
        (false, null), (true, null), (false, MergeMode.Concat), (false, MergeMode.Sum), (false, MergeMode.Multiply), (false, MergeMode.Average),
    ];

    private static readonly RecurrentCell[] s_cells =
    [
        RecurrentCell.SimpleTanh, RecurrentCell.SimpleRelu, RecurrentCell.SimpleSigmoid, RecurrentCell.SimpleLinear, RecurrentCell.SimpleOther,
        RecurrentCell.IndRnn,
        RecurrentCell.Lstm, RecurrentCell.PeepholeLstm, RecurrentCell.CoupledLstm, RecurrentCell.Gru, RecurrentCell.GruResetBefore,
    ];

    private static readonly RecurrentCell[] s_lstms = [RecurrentCell.Lstm, RecurrentCell.PeepholeLstm, RecurrentCell.CoupledLstm];

    private static readonly (RecurrentExtras Extras, RecurrentCell[] Cells)[] s_extras =
    [
        (new RecurrentExtras(Limit: 0.2f), s_lstms),
        (new RecurrentExtras(Activation.Softsign, Activation.HardSigmoid, 0.3f), s_lstms),
        (new RecurrentExtras(Activation.Elu), s_lstms),
        (new RecurrentExtras(Activation.Selu, Activation.HardSigmoid), [RecurrentCell.Gru, RecurrentCell.GruResetBefore]),
        (new RecurrentExtras(Zoneout: 0.3f, CellZoneout: 0.2f), s_lstms),
        (new RecurrentExtras(Zoneout: 0.3f), [RecurrentCell.SimpleTanh, RecurrentCell.SimpleOther, RecurrentCell.IndRnn, RecurrentCell.Gru, RecurrentCell.GruResetBefore]),
        (new RecurrentExtras(Activation.Silu), [RecurrentCell.IndRnn]),
        (new RecurrentExtras(Activation.LeakyRelu), [RecurrentCell.IndRnn]),
        (new RecurrentExtras(Gates: Activation.HardSigmoid), [RecurrentCell.Gru, RecurrentCell.GruResetBefore]),
    ];

    public static IReadOnlyList<RecurrentVariant> All { get; } =
    [
        .. from cell in s_cells
           from biases in new[] { (Use: true, Two: false), (Use: false, Two: false), (Use: true, Two: true) }
           from direction in s_directions
           select new RecurrentVariant(cell, biases.Use, biases.Two, direction.GoBackwards, direction.Merge),
        .. from extras in s_extras
           from cell in extras.Cells
           from direction in s_directions.Take(3)
           select new RecurrentVariant(cell, true, false, direction.GoBackwards, direction.Merge, extras.Extras),
        .. from activation in Activation.All
           let other = new RecurrentVariant(RecurrentCell.SimpleOther, true, false, false, null, new RecurrentExtras(activation))
           where activation.NumberKind is not null && other.One(2, false, false).Cell == other.Cell && activation != Activation.Gelu
           select other,
    ];

    public static TheoryData<string> Names(Func<RecurrentVariant, bool> where) => [.. All.Where(where).Select(v => v.Name)];

    public static RecurrentVariant Named(string name) => All.Single(v => v.Name == name);

    /// <summary>
    /// A variant under every flag. Widths and batches go round, so that each meets each flag somewhere in the catalogue.
    /// </summary>
    public static IEnumerable<RecurrentCase> CasesOf(string name)
    {
        RecurrentVariant variant = Named(name);
        int number = All.ToList().IndexOf(variant);
        for (int flags = 0; flags < 8; flags++)
        {
            int pair = (7 * number + 5 * flags) % (s_units.Length * s_batches.Length);
            yield return new RecurrentCase(variant, new RecurrentSetting(
                s_units[pair % s_units.Length], s_batches[pair / s_units.Length], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0));
        }
    }

    /// <summary>What public layers, cells and merge modes a list of variants leaves out.</summary>
    public static IEnumerable<string> MissingFrom(IReadOnlyList<RecurrentVariant> variants)
    {
        RecurrentLayer[] made = [.. variants.Select(v => v.One(2, false, false))];
        foreach (Type type in typeof(RecurrentLayer).Assembly.GetExportedTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(RecurrentLayer))))
            if (made.All(l => l.GetType() != type)) yield return type.Name;
        foreach (RecurrentCell cell in Enum.GetValues<RecurrentCell>())
            if (made.All(l => l.Cell != cell)) yield return $"{nameof(RecurrentCell)}.{cell}";
        foreach (MergeMode mode in Enum.GetValues<MergeMode>())
            if (variants.All(v => v.Merge != mode)) yield return $"{nameof(MergeMode)}.{mode}";
    }
}
