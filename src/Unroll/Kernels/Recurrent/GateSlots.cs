namespace Unroll.Kernels.Recurrent;

/// <summary>What the groups of a cell's gates buffer hold after the forward pass: each gate's name and its group among those of 16 units.</summary>
internal static class GateSlots
{
    private static readonly (string Name, int Group)[]
        s_lstm = [("input", 0), ("forget", 1), ("candidate", 2), ("output", 3)],
        s_coupled = [("input", 0), ("candidate", 1), ("output", 2)],
        s_gru = [("reset", 1), ("update", 2), ("candidate", 3)],
        s_gruResetBefore = [("reset", 0), ("update", 1), ("candidate", 2)];

    /// <summary>The gates of a cell, in its order; none for a cell whose one group is its hidden state.</summary>
    public static IReadOnlyList<(string Name, int Group)> Of(RecurrentCell cell) => cell switch
    {
        RecurrentCell.Lstm or RecurrentCell.PeepholeLstm => s_lstm,
        RecurrentCell.CoupledLstm => s_coupled,
        RecurrentCell.Gru => s_gru,
        RecurrentCell.GruResetBefore => s_gruResetBefore,
        _ => [],
    };
}
